/// Where a relation is violated most.
public struct Violation: Hashable, Sendable {
  /// The quantity or the identity.
  public var what: String
  /// The place, in the shape of the quantity.
  public var index: [Int]
  /// One side of the relation.
  public var found: Double
  /// The other side.
  public var expected: Double
  /// How far apart they may be: 0 where the same bits are asked for.
  public var tolerance: Double
  /// log2(difference in fp32 / difference in fp64) / 29, where there is a run in fp64: about 0 for a wrong formula,
  /// about 1 for amplified rounding.
  public var roundoffExponent: Double?

  /// Difference over tolerance; infinite where bits differ or a side is not a number.
  public var ratio: Double {
    let error = (found - expected).magnitude
    return error.isFinite && tolerance > 0 ? error / tolerance : .infinity
  }
}
