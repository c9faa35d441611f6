import GatedDeltaRule

/// What the oracle says of one implementation on one problem.
public enum Verdict: Hashable, Sendable {
  /// Every result is within its bound; the worst error over its bound.
  case agrees(ratio: Double)
  /// The formula is right but the algorithm amplifies rounding, tolerably for a 16-bit deployment.
  case degraded(Disagreement)
  /// Wrong.
  case disagrees(Disagreement)
  /// It does not take this problem, and says why.
  case refused(String)
  /// It threw, or answered something that is no answer.
  case failed(String)
}

/// Where an implementation departs from the reference furthest, and what kind of departure it is.
public struct Disagreement: Hashable, Sendable {
  /// Which rule was broken.
  public enum Test: String, Hashable, Sendable {
    /// The error of the working arithmetic is within the bound.
    case bound
    /// The error of the same algorithm in fp64 is within the bound for fp64.
    case double
    /// The gradients of masked tokens are exactly zero.
    case mask
  }

  /// What the two arithmetics together say of the cause.
  public enum Cause: String, Hashable, Sendable {
    /// The error does not shrink with the roundoff: another formula, or a hidden down-cast.
    case wrongFormula = "wrong formula"
    /// The error shrinks with the roundoff: rounding, amplified.
    case unstable
    /// The error is in fp32 alone, where nothing amplifies rounding: something is kept in fewer bits.
    case lowPrecision = "low precision"
    /// Inf or NaN where the rule is finite.
    case nonFinite = "not finite"
    /// There is no run in fp64 to tell a wrong formula from an unstable algorithm.
    case unknown
  }

  /// The rule that was broken.
  public var test: Test
  /// The quantity of the worst element.
  public var quantity: Quantity
  /// The worst element: its index in the quantity's shape.
  public var index: [Int]
  /// The reference there.
  public var expected: Double
  /// What was answered there.
  public var found: Double
  /// Error over what is allowed; infinite for inf, NaN and a gradient at a masked token.
  public var ratio: Double
  /// log2(error in fp32 / error in fp64) / 29: about 0 for a wrong formula, about 1 for amplified rounding.
  public var roundoffExponent: Double?
  /// What that says.
  public var cause: Cause
  /// The largest error in the Frobenius norm of a quantity that is past its bound, relative to the quantity or to the
  /// terms that cancel in it.
  public var normError: Double
}

/// A verdict and the figures behind it.
public struct Judgement: Hashable, Sendable {
  /// What the oracle says.
  public var verdict: Verdict
  /// Worst error over what is allowed, for each quantity answered.
  public var ratios: [Quantity: Double] = [:]
  /// The same, of the run in fp64.
  public var doubleRatios: [Quantity: Double] = [:]
  /// What the implementation counted.
  public var peakBytes: Int?
  /// The problem leaves the range of fp32 on the way, so that inf and NaN are accepted.
  public var isOverflow = false
  /// Whether the verdict is that of the problem alone, so that looking for a simpler one makes sense.
  public var isRepeatable = true
  /// How far the declared clamp takes the answer from the rule without one: the error in the Frobenius norm
  /// relative to the quantity. Empty if no decay of the problem is held by the clamp.
  public var clampDeviation: [Quantity: Double] = [:]
  /// The worst quantity of the working run and its ratio; of equals the first in the order of the quantities.
  public var worst: (quantity: Quantity, ratio: Double)? {
    var worst: (quantity: Quantity, ratio: Double)?
    for quantity in Quantity.allCases {
      guard let ratio = ratios[quantity], !(ratio <= worst?.ratio ?? -.infinity) else { continue }
      worst = (quantity, ratio)
    }
    return worst
  }
}
