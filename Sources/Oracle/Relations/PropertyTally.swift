import GatedDeltaRule
import Sweep

/// The comparisons of one check: the worst of them is kept.
struct PropertyTally {
  private(set) var ratio = 0.0
  private(set) var violation: Violation?
  /// How much moved, where that was counted.
  var movement: Movement?
  /// How many comparisons could have failed.
  private(set) var count = 0
  /// The largest difference of a violation relative to the scale it was given; infinite where bits or a NaN are at
  /// stake.
  private(set) var excess = 0.0
  /// One relation whose largest difference is wanted, that difference, and the largest over what is allowed.
  private let focus: String?
  private let hasFocus: Bool
  private(set) var difference = 0.0, ratioInFocus = 0.0
  /// What a sum of terms of size 1 may be off by: a tolerance over this is the size of the terms that cancel.
  private let rounding: Double

  init(_ shape: Shape, focus: String? = nil) {
    (self.focus, hasFocus) = (focus, focus != nil)
    rounding = Bound.rounding(shape)
  }

  /// |found - expected| <= tolerance; an infinite tolerance asks for nothing but numbers. The difference is graded
  /// by `scale` or by the terms that cancel in it, as the check grades what is past its bound.
  mutating func expect(
    _ what: @autoclosure () -> String, at index: @autoclosure () -> [Int], _ found: Double,
    near expected: Double, within tolerance: Double, scale: @autoclosure () -> Double
  ) {
    count += 1
    let error = (found - expected).magnitude
    // The A bound may be 0 * inf where a gate is at the end of its range: it then allows anything.
    let tolerance = tolerance.isNaN ? .infinity : tolerance
    if hasFocus, focus == what() {
      difference = max(difference, error)
      ratioInFocus = max(ratioInFocus, tolerance > 0 ? error / tolerance : 0)
    }
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
