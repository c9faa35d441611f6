import Generator

extension Campaign {
  /// How far a run is.
  package struct Progress: Sendable {
    /// What it has come to.
    package let ledger: Ledger
    /// Time since the start.
    package let elapsed: Duration

    /// Cases evaluated.
    package var cases: Int { ledger.cases }
    /// Findings so far, controls apart.
    package var findings: Int { ledger.findings.count }
    /// What each implementation came to so far.
    package var tallies: [Tally] { ledger.tallies }
  }

  /// What a run came to.
  package struct Summary: Sendable {
    /// What was run.
    package let plan: Record.Plan
    /// What came of it.
    package var ledger = Ledger()
    /// Time it took.
    package var elapsed = Duration.zero
    /// Whether it was stopped from outside.
    package var wasInterrupted = false
    /// Findings that are saved although the interruption may have cut their reduction short: their case is taken up
    /// again when the run goes on.
    package internal(set) var unfinished: [Found] = []
    /// The part of a case's time that drawing and rendering take, the median of a sample.
    package internal(set) var generatorShare = 0.0

    /// Of a run, or of the parts of one.
    package init(plan: Record.Plan, ledger: Ledger, elapsed: Duration) {
      (self.plan, self.ledger, self.elapsed) = (plan, ledger, elapsed)
    }

    /// Cases evaluated.
    package var cases: Int { ledger.cases }
    /// One for each implementation.
    package var tallies: [Tally] { ledger.tallies }
    /// Reduced findings, in the order of their cases, and what the evidence of the run convicts; controls apart.
    package var findings: [Found] { ledger.findings + convicted }
    /// The first finding in each control.
    package var caught: [Found] { ledger.caught }
    /// Failures by signature, whether reduced or only counted.
    package var failures: [String: Int] { ledger.failures }
    /// What was drawn.
    package var coverage: Coverage { ledger.coverage }

    /// Controls that were not caught.
    package var escaped: [String] {
      plan.implementations.filter(\.isControl).map(\.name).filter { name in
        !caught.contains { $0.finding.implementation == name }
      }
    }
  }
}
