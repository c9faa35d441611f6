import GatedDeltaRule

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
    /// There is no error where nothing has to be rounded.
    case exact
    /// The error has no direction, as those of honest kernels with other roundings have none.
    case twin
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
    /// Within the bound, and no error of rounding: it has a direction.
    case systematic = "systematic error"
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

  /// The error over what a deployment in bf16 loses anyway, 1 being the limit, where amplified rounding is small beside the
  /// bound; nil elsewhere, and where twins cannot say how much that is.
  public internal(set) var loss: Double?

  /// Whether a fresh process answers the same case well: what was there was left of earlier ones.
  package internal(set) var isOfEarlierCases = false
  /// What is known of a systematic error; nil for all others.
  package internal(set) var systematic: Systematic?
  /// What is known of a case in which nothing has to be rounded; nil for all others.
  public internal(set) var exact: Exact?

  /// A case in which nothing has to be rounded.
  public struct Exact: Hashable, Sendable {
    /// The coarsest format that it is proved for.
    public let format: String
    /// What is allowed to round all the same.
    public let exemption: Exemption?

    /// A step that honest implementations need and that is not exact.
    public enum Exemption: String, Hashable, Sendable {
      /// g = 1/2 by way of its logarithm.
      case decay = "the decay"
      /// q and k divided by their norm, whose epsilon is far below the last bit of fp32.
      case norm = "the norm of q and k"
      /// q divided by the root of Dk inside, and multiplied by it outside.
      case scale = "q's scale"
    }
  }

  /// An error that honest kernels with other roundings do not make.
  package struct Systematic: Hashable, Sendable {
    /// Its direction, as `Direction` writes it; nil where it is too large and has none.
    package let direction: String?
    /// Cases that show it together.
    package let cases: Int
    /// Those of them in which it was larger than that of every twin, where it has no direction.
    package let larger: Int?
    /// The natural logarithm of the evidence; nil for what one case shows.
    package let logarithm: Double?
  }

  package init(
    test: Test, quantity: Quantity, index: [Int], expected: Double, found: Double, ratio: Double,
    roundoffExponent: Double? = nil, cause: Cause, normError: Double
  ) {
    (self.test, self.quantity, self.index) = (test, quantity, index)
    (self.expected, self.found, self.ratio) = (expected, found, ratio)
    (self.roundoffExponent, self.cause, self.normError) = (roundoffExponent, cause, normError)
  }
}
