import Sweep

/// A sum of products of answers with known numbers, and how far it may be from the truth.
struct Sum {
  private(set) var value = 0.0
  /// Of what was added, and of adding it up in double.
  var tolerance: Double { given + Double(roundings) * 0x1p-52 * magnitude }
  private var given = 0.0
  /// The sum of the magnitudes of its terms.
  private(set) var magnitude = 0.0
  /// How often a term was rounded, at most.
  private var roundings = 0

  /// Nothing yet.
  init() {}

  fileprivate init(value: Double, given: Double, magnitude: Double, roundings: Int) {
    (self.value, self.given, self.magnitude, self.roundings) = (value, given, magnitude, roundings)
  }

  /// factor * answer.
  @inline(__always)
  mutating func add(_ answer: (value: Double, tolerance: Double), times factor: Double) {
    // A cotangent of zero asks nothing of an output that nothing bounds.
    guard factor != 0 else { return }
    value += factor * answer.value
    given += factor.magnitude * answer.tolerance
    magnitude += (factor * answer.value).magnitude
    roundings += 1
  }

  /// Another sum.
  mutating func add(_ other: Sum, times factor: Double = 1) {
    value += factor * other.value
    given += factor.magnitude * other.given
    magnitude += factor.magnitude * other.magnitude
    roundings += other.roundings + 1
  }
}

/// Sums of products of an answer's entries with the numbers in the same places, row by row.
struct RowSums {
  private let values, tolerances, factors: UnsafeBufferPointer<Double>
  private let width: Int

  /// Calls `body` with the rows of `width` elements.
  static func with(
    _ entries: Answer.Entries, times factors: [Double], width: Int, _ body: (RowSums) -> Void
  ) {
    precondition(entries.tolerances.count == entries.values.count && factors.count == entries.values.count)
    entries.values.withUnsafeBufferPointer { values in
      entries.tolerances.withUnsafeBufferPointer { tolerances in
        factors.withUnsafeBufferPointer { factors in
          body(RowSums(values: values, tolerances: tolerances, factors: factors, width: width))
        }
      }
    }
  }

  /// Of one row. In four partial sums if everything in it is a number: a factor of zero then needs no exception.
  subscript(row: Int) -> Sum {
    let elements = row * width..<(row + 1) * width
    precondition(elements.lowerBound >= 0 && elements.upperBound <= values.count)
    let whole = elements.lowerBound..<elements.lowerBound + width / 4 * 4
    var (sum, rest) = fours(whole).map { ($0, whole.upperBound..<elements.upperBound) } ?? (Sum(), elements)
    for i in rest { sum.add((values[i], tolerances[i]), times: factors[i]) }
    return sum
  }

  /// Nil if something in it is not a number.
  @inline(__always)
  private func fours(_ elements: Range<Int>) -> Sum? {
    var (value, given, magnitude) = (Rows.zero, Rows.zero, Rows.zero)
    func load(_ buffer: UnsafeBufferPointer<Double>, _ i: Int) -> Rows {
      UnsafeRawBufferPointer(buffer).loadUnaligned(fromByteOffset: i * 8, as: Rows.self)
    }
    var i = elements.lowerBound
    while i < elements.upperBound {
      let factor = load(factors, i)
      let product = factor * load(values, i)
      value += product
      magnitude += product.magnitude
      given += factor.magnitude * load(tolerances, i)
      i += 4
    }
    // A term meets its own rounding, those of a quarter of the terms, and those of two sums of halves.
    let sum = Sum(
      value: value.sum(), given: given.sum(), magnitude: magnitude.sum(),
      roundings: elements.isEmpty ? 0 : elements.count / 4 + 3)
    return sum.magnitude.isFinite && given.sum().isFinite ? sum : nil
  }
}

extension PropertyTally {
  /// Both sides are the same up to their tolerances; graded by the terms unless a scale is given.
  mutating func expect(
    _ what: @autoclosure () -> String, at index: @autoclosure () -> [Int], _ left: Sum, equals right: Sum,
    scale: @autoclosure () -> Double? = nil
  ) {
    expect(
      what(), at: index(), left.value, near: right.value, within: left.tolerance + right.tolerance,
      scale: scale() ?? left.magnitude + right.magnitude)
  }
}
