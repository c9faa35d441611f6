import GatedDeltaRule

/// What came of checking a property.
public enum PropertyResult: Hashable, Sendable {
  /// It holds; the worst difference over what was allowed, 0 where bits were compared.
  case holds(ratio: Double)
  /// It does not.
  case violated(Violation)
  /// It says nothing about this problem or this implementation.
  case notApplicable(String)
  /// A run threw, or answered something that is no answer.
  case failed(String)
}

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

  /// Difference over tolerance; infinite where bits differ or a side is not a number.
  public var ratio: Double {
    let error = (found - expected).magnitude
    return error.isFinite && tolerance > 0 ? error / tolerance : .infinity
  }
}

/// The comparisons of one check: the worst of them is kept.
struct Tally {
  private(set) var ratio = 0.0
  private(set) var violation: Violation?
  /// How many comparisons could have failed.
  private(set) var count = 0

  /// |found - expected| <= tolerance; an infinite tolerance asks for nothing but numbers.
  mutating func expect(
    _ what: @autoclosure () -> String, at index: @autoclosure () -> [Int], _ found: Double,
    near expected: Double, within tolerance: Double
  ) {
    count += 1
    let error = (found - expected).magnitude
    // The AN bound may be 0 * inf where a gate is at the end of its range: it then allows anything.
    let tolerance = tolerance.isNaN ? .infinity : tolerance
    guard error <= tolerance, found.isFinite, expected.isFinite else {
      let worse = Violation(
        what: what(), index: index(), found: found, expected: expected, tolerance: tolerance)
      if violation.map({ !($0.ratio >= worse.ratio) }) ?? true { violation = worse }
      return
    }
    if tolerance > 0, tolerance.isFinite { ratio = max(ratio, error / tolerance) }
  }

  /// found == expected; the signs of zeros may differ.
  mutating func expect(
    _ what: @autoclosure () -> String, at index: @autoclosure () -> [Int], _ found: Double,
    is expected: Double
  ) {
    expect(what(), at: index(), found, near: expected, within: 0)
  }
}
