import GatedDeltaRule

/// What many outcomes of one implementation come to.
package struct Score: Sendable {
  /// The worst of every quantity.
  package private(set) var worst: [Quantity: Double] = [:]
  /// Verdicts of each kind.
  package private(set) var counts: [String: Int] = [:]
  /// Why it refused, and how often.
  package private(set) var refusals: [String: Int] = [:]
  /// One line for each case that it got wrong.
  package private(set) var findings: [String] = []

  package init() {}

  /// Adds an outcome.
  package mutating func add(_ outcome: Outcome, on path: String) {
    counts[outcome.verdict.word, default: 0] += 1
    for (quantity, ratio) in outcome.ratios { worst[quantity] = worse(worst[quantity] ?? 0, ratio) }
    switch outcome.verdict {
    case .agrees, .degraded: break
    case .refused(let reason): refusals[reason, default: 0] += 1
    case .failed(let reason): findings.append("\(path): failed: \(reason)")
    case .disagrees:
      let wrong = Quantity.allCases.compactMap { quantity in
        outcome.ratios[quantity].flatMap { $0 <= 1 ? nil : "\(quantity.rawValue) \(short($0))" }
      }
      findings.append("\(path): " + wrong.joined(separator: ", "))
    }
  }
}
