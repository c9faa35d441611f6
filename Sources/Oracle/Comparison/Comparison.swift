import GatedDeltaRule

/// One quantity of one answer against the reference, element by element.
///
///     ratio = |x - o| / ((1 + u_out) A + u_out |o| + eta_out + 2^-126)
///
/// with u_out and eta_out of the format the result is stored in (nothing for fp32: storing it costs nothing), so
/// the ratio is at most 1 for a correct implementation. Tokens that are masked count for gradients only, which
/// must be exactly zero there; where the problem leaves the range of fp32, inf and NaN are excused as at live tokens.
struct Comparison {
  let quantity: Quantity
  /// The three tensors; pads and all.
  private let found, reference, bound: [Double]
  private let stretches: Stretches
  private let allowance: Allowance
  private let range: Range
  /// The worst ratio and where.
  private(set) var ratio = 0.0
  private(set) var worst = 0
  /// An inf or NaN that is not excused.
  private(set) var isNonFinite = false
  /// A gradient at a masked token that is not zero.
  private(set) var leaks = false

  /// `scale` multiplies the bound: 2^-29 takes one for fp32 to fp64.
  init(
    _ quantity: Quantity, found: Tensor, reference: Tensor, bound: Tensor, partial: Tensor?, isOverflow: Bool,
    problem: Problem, storedAs precision: Precision, scale: Double
  ) {
    self.quantity = quantity
    (self.found, self.reference, self.bound) = (found.values, reference.values, bound.values)
    precondition(reference.values.count == found.values.count && bound.values.count == found.values.count)
    stretches = problem.stretches(of: quantity, count: found.values.count)
    allowance = Allowance(Format(precision), scale: scale)
    range = Range(partial: partial, isOverflow: isOverflow)
    compare()
  }

  /// Of a case in which nothing has to be rounded: what is not within its allowance, mostly 0, is infinitely far off, and
  /// nothing is excused.
  init(
    _ quantity: Quantity, found: Tensor, exactly reference: Tensor, allowing bound: Tensor, problem: Problem
  ) {
    self.quantity = quantity
    (self.found, self.reference, self.bound) = (found.values, reference.values, bound.values)
    precondition(reference.values.count == found.values.count && bound.values.count == found.values.count)
    stretches = problem.stretches(of: quantity, count: found.values.count)
    allowance = Allowance(.exact)
    range = Range(partial: nil, isOverflow: false)
    compare()
  }

  private mutating func compare() {
    let (found, reference, bound) = (found, reference, bound)
    let stretches = stretches
    found.withUnsafeBufferPointer { found in
      reference.withUnsafeBufferPointer { reference in
        bound.withUnsafeBufferPointer { bound in
          let tensors = Tensors(found: found, reference: reference, bound: bound)
          stretches.forEach { elements, isLive in
            if isLive {
              compare(tensors, elements)
            } else if quantity.isGradient {
              for i in elements where found[i] != 0 && (found[i].isFinite || !range.isOverflow) {
                leak(at: i)
              }
            }
          }
        }
      }
    }
  }

  private struct Tensors {
    let found, reference, bound: UnsafeBufferPointer<Double>
  }

  /// Sixteen at a time where none of them can be the worst so far, which is nearly everywhere, without a division.
  private mutating func compare(_ tensors: Tensors, _ elements: Swift.Range<Int>) {
    guard !elements.isEmpty, let found = tensors.found.baseAddress,
      let reference = tensors.reference.baseAddress, let bound = tensors.bound.baseAddress
    else { return }
    precondition(elements.lowerBound >= 0 && elements.upperBound <= tensors.found.count)
    let allowance = (allowance.factor, allowance.format.u, allowance.format.underflow)
    var i = elements.lowerBound
    while i < elements.upperBound {
      i = Vectors.screen(i..<elements.upperBound, found, reference, bound, allowance, passed)
      let end = min(i + 16, elements.upperBound)
      for j in i..<end { compare(found[j], reference[j], bound[j], at: j) }
      i = end
    }
  }

  /// An error of at most this times what is allowed is, divided by it, no more than `ratio`, whatever the roundings
  /// of either; zero where what is small would underflow.
  private var passed: Double { ratio >= 0x1p-800 ? ratio * (1 - 0x1p-49) : 0 }

  @inline(__always)
  private mutating func compare(_ x: Double, _ o: Double, _ bound: Double, at i: Int) {
    guard x.isFinite else {
      if !range.mayBeLeft(o, bound, at: i, allowance.format) { fail(at: i) }
      return
    }
    // Nothing can be said where the reference itself left the range of double.
    guard o.isFinite, !bound.isNaN else { return }
    let r = (x - o).magnitude / allowance.of(o, bound)
    if r > ratio { (ratio, worst) = (r, i) }
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
}

/// The Frobenius norms, which only what is past its bound is asked for.
extension Comparison {
  /// The error in the Frobenius norm.
  var error: Double { isNonFinite || leaks ? .infinity : relativeError.error.square.squareRoot() }

  /// The Frobenius norm of the reference.
  var size: Double { relativeError.size.square.squareRoot() }

  /// Over the elements that something can be said of.
  private var relativeError: RelativeError {
    var sum = RelativeError()
    stretches.forEach { elements, isLive in
      guard isLive else { return }
      for i in elements {
        let (x, o) = (found[i], reference[i])
        guard x.isFinite, o.isFinite, !bound[i].isNaN else { continue }
        sum.add(
          error: (x - o).magnitude, of: o.magnitude, counts: allowance.of(o, bound[i]).isFinite)
      }
    }
    return sum
  }
}
