import GatedDeltaRule
import Sweep

/// What came of checking a property.
public enum PropertyResult: Hashable, Sendable {
  /// It holds; the worst difference over what was allowed, 0 where bits were compared.
  case holds(ratio: Double)
  /// It does not, but the difference shrinks with the roundoff and is tolerable for a 16-bit deployment.
  case degraded(Violation)
  /// It does not.
  case violated(Violation)
  /// It says nothing about this problem or this implementation.
  case notApplicable(String)
  /// A run threw, or answered something that is no answer.
  case failed(String)
  /// A run broke down through what went before it, not through its problem.
  case brokeDown(String)
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
  /// log2(difference in fp32 / difference in fp64) / 29, where there is a run in fp64: about 0 for a wrong formula,
  /// about 1 for amplified rounding.
  public var roundoffExponent: Double?

  /// Difference over tolerance; infinite where bits differ or a side is not a number.
  public var ratio: Double {
    let error = (found - expected).magnitude
    return error.isFinite && tolerance > 0 ? error / tolerance : .infinity
  }
}

/// The comparisons of one check: the worst of them is kept.
struct PropertyTally {
  private(set) var ratio = 0.0
  private(set) var violation: Violation?
  /// How many comparisons could have failed.
  private(set) var count = 0
  /// The largest difference of a violation relative to the scale it was given; infinite where bits or a NaN are at
  /// stake.
  private(set) var excess = 0.0
  /// One relation whose largest difference is wanted, and that difference.
  private let focus: String?
  private let hasFocus: Bool
  private(set) var difference = 0.0
  /// What a sum of terms of size 1 may be off by: a tolerance over this is the size of the terms that cancel.
  private let rounding: Double

  init(_ shape: Shape, focus: String? = nil) {
    (self.focus, hasFocus) = (focus, focus != nil)
    rounding = Bound.rounding(shape)
  }

  /// |found - expected| <= tolerance; an infinite tolerance asks for nothing but numbers. The difference is graded
  /// by `scale` or by the terms that cancel in it, as the court grades what is past its bound.
  mutating func expect(
    _ what: @autoclosure () -> String, at index: @autoclosure () -> [Int], _ found: Double,
    near expected: Double, within tolerance: Double, scale: @autoclosure () -> Double
  ) {
    count += 1
    let error = (found - expected).magnitude
    // The A bound may be 0 * inf where a gate is at the end of its range: it then allows anything.
    let tolerance = tolerance.isNaN ? .infinity : tolerance
    if hasFocus, focus == what() { difference = max(difference, error) }
    guard error <= tolerance, found.isFinite, expected.isFinite else {
      let worse = Violation(
        what: what(), index: index(), found: found, expected: expected, tolerance: tolerance)
      if violation.map({ !($0.ratio >= worse.ratio) }) ?? true { violation = worse }
      let relative = error / max(scale(), tolerance / rounding)
      excess = max(excess, tolerance > 0 && relative.isFinite ? relative : .infinity)
      return
    }
    if tolerance > 0, tolerance.isFinite { ratio = max(ratio, error / tolerance) }
  }

  /// What a difference may be, over what is allowed, without being the worst so far; nil where every difference counts.
  var passed: Double? { hasFocus ? nil : ratio >= 0x1p-800 ? ratio * (1 - 0x1p-49) : 0 }

  /// So many that are numbers and differ by no more than that.
  mutating func pass(_ some: Int) { count += some }

  /// That it is a number.
  mutating func expectFinite(
    _ what: @autoclosure () -> String, at index: @autoclosure () -> [Int], _ found: Double
  ) {
    expect(what(), at: index(), found.isFinite ? 0 : found, near: 0, within: 0, scale: 1)
  }

  /// That it is an inf or a NaN.
  mutating func expectNotFinite(
    _ what: @autoclosure () -> String, at index: @autoclosure () -> [Int], _ found: Double
  ) {
    let isFinite = found.isFinite
    expect(what(), at: index(), isFinite ? found : 0, near: isFinite ? .nan : 0, within: 0, scale: 1)
  }

  /// The violation with its roundoff exponent, from the largest difference in the relation in focus here and in fp64: in another
  /// place it may be of another size. Nil where bits or a NaN are at stake.
  func violation(beside double: PropertyTally) -> Violation? {
    guard var violation, excess.isFinite else { return nil }
    violation.roundoffExponent =
      Double.log(difference / max(double.difference, 0x1p-1000)) / Double.log(2) / 29
    return violation
  }
}
