import GatedDeltaRule
import Generator

/// The findings of one cause: one bug, as far as a run can tell.
package struct Card: Hashable, Sendable {
  /// The one with the simplest recipe, which is shown.
  package let simplest: Campaign.Found
  /// What shows the same, simplest first.
  package let others: [Campaign.Found]

  /// The findings by their cause, in the order in which the first of each was found. A property that is violated since
  /// the answer to what it makes of the case is wrong belongs to a wrong result of the same implementation.
  package static func all(of findings: [Campaign.Found]) -> [Card] {
    var groups: [Group] = []
    let places = findings.indices.filter { findings[$0].underlying == nil }
    for place in places + findings.indices.filter({ findings[$0].underlying != nil }) {
      let found = findings[place]
      // What was not explained may be anything.
      let cause = found.cause.map { "\(found.finding.implementation) \($0)" } ?? "\(place)"
      if let known = groups.firstIndex(where: { $0.cause == cause || $0.explains(found) }) {
        groups[known].findings.append(found)
        groups[known].place = min(groups[known].place, place)
      } else {
        groups.append(Group(cause: cause, place: place, findings: [found]))
      }
    }
    return groups.sorted { $0.place < $1.place }.map { group in
      let sorted = group.findings.sorted { one, other in
        // A wrong result says more than a property that it violates.
        let (isResult, isOther) = (one.underlying == nil, other.underlying == nil)
        return isResult == isOther ? Finding.isSimpler(one.finding, other.finding) : isResult
      }
      return Card(simplest: sorted[0], others: Array(sorted.dropFirst()))
    }
  }

  private struct Group {
    let cause: String
    /// That of the first of them.
    var place: Int
    var findings: [Campaign.Found]

    /// Whether a violated property is one of these wrong results.
    func explains(_ found: Campaign.Found) -> Bool {
      guard let underlying = found.underlying else { return false }
      return findings.contains { one in
        one.finding.implementation == found.finding.implementation && one.underlying == nil
          && one.shrunk.failure.results?.isEmpty == false && one.shrunk.failure.sharesResult(with: underlying)
      }
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
