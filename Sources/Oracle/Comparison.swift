import GatedDeltaRule

/// One quantity of one answer against the reference, element by element.
///
///     ratio = |x - o| / ((1 + u_out) AN + u_out |o| + eta_out + 2^-126)
///
/// with u_out and eta_out of the format the result is stored in (nothing for fp32: storing it costs nothing), so
/// the ratio is at most 1 for an honest implementation. Tokens that are masked count for gradients only, which
/// must be exactly zero there.
struct Comparison {
  let quantity: Quantity
  private let scale: Double
  private let range: Range
  /// The worst ratio and where.
  private(set) var ratio = 0.0
  private(set) var worst = 0
  /// An inf or NaN that is not excused.
  private(set) var isNonFinite = false
  /// A gradient at a masked token that is not zero.
  private(set) var leaks = false
  /// Sums of squares: of the error, of the reference.
  private(set) var errorSquare = 0.0
  private(set) var referenceSquare = 0.0

  /// `scale` multiplies the bound: 2^-29 takes one for fp32 to fp64.
  init(
    _ quantity: Quantity, found: Tensor, reference: Tensor, bound: Tensor, partial: Tensor?, isOverflow: Bool,
    problem: Problem, storedAs precision: Precision, scale: Double
  ) {
    self.quantity = quantity
    self.scale = scale
    range = Range(partial: partial, isOverflow: isOverflow)
    let tokens = problem.shape.B * problem.shape.T
    let format = Format(precision)
    found.values.withUnsafeBufferPointer { found in
      reference.values.withUnsafeBufferPointer { reference in
        bound.values.withUnsafeBufferPointer { bound in
          guard quantity.isPerToken, let mask = problem.mask, tokens > 0 else {
            for i in 0..<found.count { compare(found[i], reference[i], bound[i], at: i, format) }
            return
          }
          let width = found.count / tokens
          for token in 0..<tokens {
            let elements = token * width..<(token + 1) * width
            if mask.live[token] {
              for i in elements { compare(found[i], reference[i], bound[i], at: i, format) }
            } else if quantity.isGradient {
              for i in elements where found[i] != 0 { leak(at: i) }
            }
          }
        }
      }
    }
  }

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
  }

  /// Where an honest implementation may answer inf or NaN.
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

  @inline(__always)
  private mutating func compare(
    _ x: Double, _ o: Double, _ bound: Double, at i: Int, _ format: Format
  ) {
    guard x.isFinite else {
      if !range.mayBeLeft(o, bound, at: i, format) { fail(at: i) }
      return
    }
    // Nothing can be said where the reference itself left the range of double.
    guard o.isFinite, !bound.isNaN else { return }
    let allowed = (1 + format.u) * scale * bound + format.u * o.magnitude + format.underflow
    let error = (x - o).magnitude
    let r = error / allowed
    if r > ratio { (ratio, worst) = (r, i) }
    referenceSquare += o * o
    guard allowed.isFinite else { return }
    errorSquare += error * error
  }

  /// The ratio of one element; infinite where it is not finite and the reference is.
  static func ratio(_ x: Double, _ o: Double, bound: Double, storedAs precision: Precision) -> Double {
    guard x.isFinite else { return o.isFinite ? .infinity : 0 }
    let format = Format(precision)
    return (x - o).magnitude / ((1 + format.u) * bound + format.u * o.magnitude + format.underflow)
  }

  private mutating func fail(at i: Int) {
    if !isNonFinite && !leaks { worst = i }
    isNonFinite = true
    ratio = .infinity
  }

  private mutating func leak(at i: Int) {
    if !isNonFinite && !leaks { worst = i }
    leaks = true
    ratio = .infinity
  }

  /// The error in the Frobenius norm.
  var error: Double { isNonFinite || leaks ? .infinity : errorSquare.squareRoot() }
}
