import GatedDeltaRule

extension Report {
  /// What a probe that was not passed says, and how often.
  package static func sentence(_ probe: Probe, _ tally: ProbeTally, of name: String) -> String {
    "\(name) \(probe.finding)" + (tally.detail.map { " (\($0))" } ?? "")
      + ", in \(tally.broken) of \(tally.asked)"
  }

  /// How often each probe was made and not passed, and what that says.
  package static func probes(_ blind: Blind) -> [String] {
    let tallies = Probe.allCases.compactMap { probe in blind.tallies[probe].map { (probe, $0) } }
      .filter { $0.1.asked > 0 }
    let counts = tallies.map { "\($0.rawValue) \($1.asked - $1.broken) of \($1.asked)" }.joined(
      separator: ", ")
    return ["\(blind.name), probes passed: " + (counts.isEmpty ? "none was made" : counts)]
      + tallies.filter { $0.1.broken > 0 }.map { "  " + sentence($0.0, $0.1, of: blind.name) }
  }
}

extension Blind {
  /// The probes that show that answers cannot be relied on, in their order.
  package var broken: [(probe: Probe, tally: ProbeTally)] {
    let tallies = self.tallies
    return Probe.allCases.compactMap { probe in
      tallies[probe].flatMap { $0.broken > 0 && probe.isAboutAnswers ? (probe, $0) : nil }
    }
  }
}
