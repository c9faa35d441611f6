import Generator

extension Campaign {
  /// A finding and how it came about.
  public struct Found: Sendable, Hashable, Codable {
    /// As it is saved.
    public internal(set) var finding: Finding
    /// The index of the case it was met in.
    public let index: Int
    /// That case.
    public let origin: Recipe
    /// What failures like the one that was met are counted under.
    public let signature: String
    /// How it was reduced.
    public let shrunk: Shrinker.Result
    /// The oracle's word on the reduced case.
    public internal(set) var sentence: String
    /// Whether it was found in a control.
    public let isControl: Bool
    /// How many of the fresh processes that were asked show it again; nil if none was asked.
    public var reproductions: Int?
    /// How the implementation is brought along, where it is not built in: `--against 'mine=python3 worker.py'`.
    public var against: String?
    /// What is known of its cause, in lines.
    public var explanation: [String] = []

    /// The fresh processes that must show a finding again where it counts only then.
    public static let freshProcesses = 2

    /// Whether nothing speaks against counting it.
    public var isReproduced: Bool { reproductions.map { $0 >= Found.freshProcesses } ?? true }
  }

  /// How far a run is.
  public struct Progress: Sendable {
    /// What it has come to.
    public let ledger: Ledger
    /// Time since the start.
    public let elapsed: Duration

    /// Cases heard.
    public var cases: Int { ledger.cases }
    /// Findings so far, controls apart.
    public var findings: Int { ledger.findings.count }
    /// What everybody came to so far.
    public var tallies: [Tally] { ledger.tallies }
  }

  /// What a run came to.
  public struct Summary: Sendable {
    /// What was run.
    public let plan: Record.Plan
    /// What came of it.
    public var ledger = Ledger()
    /// Time it took.
    public var elapsed = Duration.zero
    /// Whether it was stopped from outside.
    public var wasInterrupted = false
    /// Findings that are saved although the interruption may have cut their reduction short: their case is taken up
    /// again when the run goes on.
    public internal(set) var unfinished: [Found] = []
    /// The part of a case's time that drawing and rendering take, the median of a sample.
    public internal(set) var generatorShare = 0.0

    /// Of a run, or of the parts of one.
    public init(plan: Record.Plan, ledger: Ledger, elapsed: Duration) {
      (self.plan, self.ledger, self.elapsed) = (plan, ledger, elapsed)
    }

    /// Cases heard.
    public var cases: Int { ledger.cases }
    /// One for each of the accused.
    public var tallies: [Tally] { ledger.tallies }
    /// Reduced findings, in the order of their cases; controls apart.
    public var findings: [Found] { ledger.findings }
    /// The first finding in each control.
    public var caught: [Found] { ledger.caught }
    /// Failures by signature, whether reduced or only counted.
    public var failures: [String: Int] { ledger.failures }
    /// What was drawn.
    public var coverage: Coverage { ledger.coverage }

    /// Controls that were not caught.
    public var escaped: [String] {
      plan.accused.filter(\.isControl).map(\.name).filter { name in
        !caught.contains { $0.finding.implementation == name }
      }
    }
  }
}
