/// What is written down of a run: what was asked, and what each of its shards came to.
///
/// It is at once the state that an interrupted run goes on from, the report of a run that has ended and, with the
/// parts of several machines in it, the report of the whole.
package struct Record: Sendable, Hashable {
  /// When a part ran: what two runs of the same plan differ in.
  package struct Clock: Sendable, Hashable, Codable {
    /// Seconds from 1970 to its first start.
    package var started: Double
    /// Seconds it has run, over all its starts.
    package var elapsed: Double
    /// How often it was started: 1, and one more for every time it went on.
    package var starts: Int

    /// A start at this time.
    package init(started: Double) { (self.started, elapsed, starts) = (started, 0, 1) }
  }

  /// What one shard came to.
  package struct Part: Sendable, Hashable, Codable {
    /// Which, from 1.
    package var shard: Int
    /// When.
    package var clock: Clock
    /// What came of the fuzzing.
    package var ledger = Campaign.Ledger()
    /// What became of the saved cases.
    package var corpus: [Replay] = []
    /// A digest of the program that ran it; nil where it was not recorded.
    package var build: String?
    /// The corpus, as the run was told: where the saved cases lie and findings went. Absent in records of programs that
    /// did not write it.
    package var folder: String?
    /// Which program ran it, how, and where. Absent likewise.
    package var provenance: Provenance?

    /// Nothing evaluated yet.
    package init(shard: Int, clock: Clock) { (self.shard, self.clock) = (shard, clock) }
  }

  /// What was asked.
  package var plan: Plan
  /// In the order of their shards, each once.
  package internal(set) var parts: [Part]

  /// The record of one shard.
  package init(plan: Plan, part: Part) { self.init(plan: plan, parts: [part]) }

  init(plan: Plan, parts: [Part]) { (self.plan, self.parts) = (plan, parts) }

  /// Shards that are not in it.
  package var missing: [Int] {
    let there = Set(parts.map(\.shard))
    return (1...plan.shards).filter { !there.contains($0) }
  }

  /// The same in words, `shards 2, 5-9 of 12`; nil if none is missing.
  package var missingText: String? {
    var runs: [ClosedRange<Int>] = []
    for shard in missing {
      if let last = runs.last, last.upperBound + 1 == shard {
        runs[runs.count - 1] = last.lowerBound...shard
      } else {
        runs.append(shard...shard)
      }
    }
    guard !runs.isEmpty else { return nil }
    let words = runs.prefix(12).map { run in
      run.count == 1 ? "\(run.lowerBound)" : "\(run.lowerBound)-\(run.upperBound)"
    }
    let others = runs.count > 12 ? " and others" : ""
    let noun = missing.count == 1 ? "shard" : "shards"
    return "\(noun) \(words.joined(separator: ", "))\(others) of \(plan.shards)"
  }

  /// What the parts come to together.
  package var total: Total { Total(plan: plan, parts: parts) }
}
