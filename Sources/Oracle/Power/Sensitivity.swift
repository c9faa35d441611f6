import Foundation
import GatedDeltaRule

/// The smallest fault in one result that is found.
package struct Sensitivity: Sendable, Hashable {
  /// What finds it.
  package enum Yardstick: String, Sendable, CaseIterable {
    /// The bound of one case.
    case bound
    /// A case in which nothing has to be rounded.
    case exact
    /// The twins, in one case or over a run.
    case twins
  }

  /// Relative to what it multiplies: f of 1 + f. Infinite where none is found.
  package let fault: Double
  /// What finds it; nil where nothing does.
  package let yardstick: Yardstick?

  init(fault: Double, yardstick: Yardstick) {
    (self.fault, self.yardstick) = (fault, fault.isFinite ? yardstick : nil)
  }

  /// The powers of two that are looked among, as fine as a 1/16 of them.
  static let exponents = (least: -40.0, largest: 24.0)

  /// The smallest size that is found, to 5 %, where all that are larger are found too; infinite where the largest is not.
  static func smallest(_ isFound: (Double) -> Bool) -> Double {
    var (low, high) = exponents
    guard isFound(exp2(high)) else { return .infinity }
    while high - low > 1.0 / 16 {
      let middle = (low + high) / 2
      if isFound(exp2(middle)) { high = middle } else { low = middle }
    }
    return exp2(high)
  }

  /// The smaller of two.
  static func smaller(_ one: Sensitivity, _ other: Sensitivity) -> Sensitivity {
    other.fault < one.fault ? other : one
  }
}
