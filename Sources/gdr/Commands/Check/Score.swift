import GatedDeltaRule
import Oracle

/// What the results of one implementation on many cases come to.
package struct Score: Sendable {
  /// The worst of every quantity.
  package private(set) var worst: [Quantity: Double] = [:]
  /// Verdicts of each grade.
  package private(set) var counts: [Grade: Int] = [:]
  /// Why it refused, and how often.
  package private(set) var refusals: [String: Int] = [:]
  /// What is said of each case that it got wrong, the first line by itself enough.
  package private(set) var findings: [[String]] = []

  package init() {}

  /// Adds a result.
  ///
  /// - Parameters:
  ///   - hint: what it may be where it is wrong.
  ///   - pattern: which elements are off, in lines.
  package mutating func add(
    _ result: CaseResult, on path: String, hint: String? = nil, pattern: [String] = []
  ) {
    counts[result.grade, default: 0] += 1
    // In fp32 and in fp64, whichever is worse.
    let ratios = result.judgement.ratios.merging(result.judgement.doubleRatios, uniquingKeysWith: worse)
    for (quantity, ratio) in ratios { worst[quantity] = worse(worst[quantity] ?? 0, ratio) }
    switch result.judgement.verdict {
    case .agrees, .degraded: break
    case .refused(let reason): refusals[reason, default: 0] += 1
    case .failed(let reason): findings.append(["\(path): failed: \(reason)"])
    case .memory: findings.append(["\(path): \(Report.sentence(result.judgement))"])
    case .disagrees:
      let wrong = Quantity.allCases.compactMap { quantity in
        ratios[quantity].flatMap { $0 <= 1 ? nil : "\(quantity.rawValue) \(short($0))" }
      }
      let line = "\(path): " + wrong.joined(separator: ", ") + (hint.map { "; \($0)" } ?? "")
      findings.append([line] + pattern.map { "  " + $0 })
    }
  }
}

/// The larger of two, where NaN is larger than everything.
func worse(_ a: Double, _ b: Double) -> Double {
  if a.isNaN || b.isNaN { return .nan }
  return max(a, b)
}
