import GatedDeltaRule
import Generator

/// The findings of one cause: one bug, as far as a run can tell.
package struct Card: Hashable, Sendable {
  /// The one with the simplest recipe, which is shown.
  package let simplest: Campaign.Found
  /// What shows the same, simplest first.
  package let others: [Campaign.Found]

  /// The findings by their cause, in the order in which the first of each was found.
  package static func all(of findings: [Campaign.Found]) -> [Card] {
    var groups: [(cause: String, findings: [Campaign.Found])] = []
    for (place, found) in findings.enumerated() {
      // What was not explained may be anything.
      let cause = found.cause.map { "\(found.finding.implementation) \($0)" } ?? "\(place)"
      if let known = groups.firstIndex(where: { $0.cause == cause }) {
        groups[known].findings.append(found)
      } else {
        groups.append((cause, [found]))
      }
    }
    return groups.map { group in
      let sorted = group.findings.sorted { Finding.isSimpler($0.finding, $1.finding) }
      return Card(simplest: sorted[0], others: Array(sorted.dropFirst()))
    }
  }
}

extension Explanation {
  /// What findings of one cause have in common: whether there is a number at all, whether the outputs are right, what the
  /// failure depends on, and what is known of it. A known fault says all of that.
  package var signature: String {
    if let fault = alike.first { return "known fault: \(fault.sentence)" }
    guard let failure = result.failure else { return "" }
    let isOfMask = parts.contains("mask") || parts.contains("pad")
    // Sizes that a fault needs, and which mask it is, vary with the case.
    let matters = parts.filter { !["mask", "pad", "key channels", "value channels"].contains($0) }
    return ([failure.signature] + (isOfMask ? ["mask"] : matters) + [cause.text]).joined(separator: "; ")
  }
}
