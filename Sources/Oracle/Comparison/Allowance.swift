import GatedDeltaRule

extension Comparison {
  /// What storing a result costs.
  struct Format {
    let u: Double
    let underflow: Double
    /// Past this a finite number is stored as infinity.
    let largest: Double

    init(_ precision: Precision) {
      u = precision == .fp32 ? 0 : precision.unitRoundoff
      underflow = (precision == .fp32 ? 0 : precision.underflow) + 0x1p-126
      largest = precision == .fp16 ? 65504 : 0x1p120
    }

    /// Of results that must be exact: no error is 0 of the least number there is, and any other is beyond everything.
    static let exact = Format(u: 0, underflow: .leastNonzeroMagnitude, largest: .infinity)

    private init(u: Double, underflow: Double, largest: Double) {
      (self.u, self.underflow, self.largest) = (u, underflow, largest)
    }
  }

  /// What an element may be off by, from the reference and its bound.
  struct Allowance {
    let format: Format
    let factor: Double

    init(_ format: Format, scale: Double = 1) {
      self.format = format
      factor = (1 + format.u) * scale
    }

    @inline(__always)
    func of(_ o: Double, _ bound: Double) -> Double {
      factor * bound + format.u * o.magnitude + format.underflow
    }
  }

  /// The elements of tokens that are neighbours and all live or all masked.
  struct Stretches {
    let count: Int
    /// Elements of one token.
    let width: Int
    /// Which tokens count; nil where all do.
    let live: [Bool]?

    /// In their order.
    @inline(__always)
    func forEach(_ body: (_ elements: Swift.Range<Int>, _ isLive: Bool) -> Void) {
      guard let live else { return body(0..<count, true) }
      var start = 0
      while start < live.count {
        var end = start + 1
        while end < live.count, live[end] == live[start] { end += 1 }
        body(start * width..<end * width, live[start])
        start = end
      }
    }
  }

  /// Where a correct implementation may answer inf or NaN.
  struct Range {
    /// What an element is formed of in fp16, if that is so.
    let partial: Tensor?
    /// Something on the way passes the end of the working arithmetic.
    let isOverflow: Bool

    /// Whether the element itself, or what it is formed of, may pass the end of its format.
    func mayBeLeft(_ o: Double, _ bound: Double, at i: Int, _ format: Format) -> Bool {
      if isOverflow || !(o.magnitude + (bound.isFinite ? bound : 0) < format.largest) { return true }
      return partial.map { !($0.values[i] < Format(.fp16).largest) } ?? false
    }
  }

  /// The ratio of one element; infinite where it is not finite and the reference is.
  static func ratio(_ x: Double, _ o: Double, bound: Double, storedAs precision: Precision) -> Double {
    guard x.isFinite else { return o.isFinite ? .infinity : 0 }
    return (x - o).magnitude / Allowance(Format(precision)).of(o, bound)
  }
}

extension Problem {
  /// The live and the masked elements of a quantity that has `count` of them.
  func stretches(of quantity: Quantity, count: Int) -> Comparison.Stretches {
    let tokens = shape.B * shape.T
    return Comparison.Stretches(
      count: count, width: tokens > 0 ? count / tokens : 0,
      live: quantity.isPerToken && tokens > 0 ? mask?.live : nil)
  }
}
