import GatedDeltaRule
import Generator

/// What one implementation's verdicts come to over many cases.
public struct Tally: Sendable {
  /// The worst error over its bound in one result, and the case.
  public struct Worst: Sendable {
    /// Error over bound.
    public let ratio: Double
    /// The result.
    public let quantity: Quantity
    /// The case.
    public let recipe: Recipe
  }

  /// Whose.
  public let implementation: String
  /// Whether it is known to fail.
  public let isControl: Bool
  /// Verdicts.
  public private(set) var agrees = 0, degraded = 0, disagrees = 0, failed = 0
  /// Refusals by their reasons.
  public private(set) var refusals: [String: Int] = [:]
  /// The worst of the cases it agreed on.
  public private(set) var worst: Worst?
  /// The worst of those it was degraded on, relative to the result in the Frobenius norm.
  public private(set) var worstDegraded: (error: Double, recipe: Recipe)?

  init(_ statement: Court.Statement) {
    (implementation, isControl) = (statement.implementation, statement.isControl)
  }

  /// Cases heard.
  public var heard: Int { agrees + degraded + disagrees + failed }
  /// Cases refused.
  public var refused: Int { refusals.values.reduce(0, +) }

  mutating func add(_ statement: Court.Statement, on recipe: Recipe) {
    if statement.violation != nil {
      disagrees += 1
      return
    }
    switch statement.judgement.verdict {
    case .agrees:
      agrees += 1
      if let (quantity, ratio) = statement.judgement.worst, !(ratio <= worst?.ratio ?? 0) {
        worst = Worst(ratio: ratio, quantity: quantity, recipe: recipe)
      }
    case .degraded(let disagreement):
      degraded += 1
      if !(disagreement.normError <= worstDegraded?.error ?? 0) {
        worstDegraded = (disagreement.normError, recipe)
      }
    case .disagrees: disagrees += 1
    case .failed: failed += 1
    case .refused(let reason): refusals[reason, default: 0] += 1
    }
  }
}
