import Foundation

extension Record {
  /// What a run came to, however it was cut: nothing in it depends on shards, threads or the clock.
  package struct Total: Sendable, Hashable, Codable {
    /// What was asked, as if of one shard.
    package let plan: Plan
    /// What came of the fuzzing.
    package let ledger: Campaign.Ledger
    /// What became of the saved cases.
    package let corpus: [Replay]
    /// What the evidence of all cases together convicts; nil for nothing.
    package let convicted: [Campaign.Found]?

    init(plan: Plan, parts: [Part]) {
      var whole = plan
      whole.shards = 1
      self.plan = whole
      ledger = .sum(
        parts.map(\.ledger), names: plan.implementations.map(\.name), limit: plan.reducedPerSignature)
      corpus = Replay.union(parts.map(\.corpus))
      let convicted = Campaign.Summary(plan: whole, ledger: ledger, elapsed: .zero).convicted
      self.convicted = convicted.isEmpty ? nil : convicted
    }

    /// As if it had been one run, of no time.
    package var summary: Campaign.Summary { Campaign.Summary(plan: plan, ledger: ledger, elapsed: .zero) }
  }

  /// Why two records are not of one run.
  package struct Mismatch: Error, Hashable, Sendable, CustomStringConvertible {
    /// One clause: what is different.
    package let description: String
  }

  /// The parts of both. Of one part that is in both, that which got further counts.
  ///
  /// The union is idempotent, commutative and associative, so that records may be merged in any order, twice, and
  /// again when a lost shard has been run once more.
  package func union(_ other: Record) throws(Mismatch) -> Record {
    if let difference = plan.difference(from: other.plan) { throw Mismatch(description: difference) }
    var union = self
    let all = Dictionary(grouping: parts + other.parts, by: \.shard)
    union.parts = all.keys.sorted().compactMap { all[$0]?.max { $0.isBehind($1) } }
    guard Record.areTogetherOneRun(union.parts) else {
      throw Mismatch(description: "together they have more than \(Record.mostCases) cases")
    }
    return union
  }
}

extension Record.Part {
  /// Whether the other part of the same shard is the one to keep. The order is total: what the cases do not decide, the
  /// text of the parts does.
  fileprivate func isBehind(_ other: Record.Part) -> Bool {
    guard ledger.cases == other.ledger.cases else { return ledger.cases < other.ledger.cases }
    return text < other.text
  }

  private var text: String {
    (try? Record.encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
