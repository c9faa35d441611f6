import Foundation
import GatedDeltaRule
import Generator
import Machine

/// What is written down of a run: what was asked, and what each of its shards came to.
///
/// It is at once the state that an interrupted run goes on from, the report of a run that has ended and, with the
/// parts of several machines in it, the report of the whole.
package struct Record: Sendable, Hashable {
  /// What decides, together with an index, what is drawn and which implementations are evaluated.
  package struct Plan: Sendable, Hashable, Codable {
    /// One implementation under test.
    package struct UnderTest: Sendable, Hashable, Codable {
      /// What it is called.
      package var name: String
      /// Whether it is known to fail.
      package var isControl: Bool
      /// The command of a worker; nil for what is built in, and in records of format 1.
      package var command: String?
      /// A digest of what a worker declares: another declaration is judged by another bound.
      package var declares: String?
      /// Gradients that it declares not to have, by their wire names; nil for none.
      package var withoutGradients: [String]?
    }

    /// From which every case is drawn.
    package var seed: UInt64
    /// How large the cases are.
    package var size: String
    /// Whether keys that nobody normalised and beta above 1 are drawn.
    package var includesRawKeys, includesWideWrites: Bool
    /// The families that cases are drawn from; nil if any.
    package var families: [String]?
    /// The implementations under test.
    package var implementations: [UnderTest]
    /// Cases of the whole run; nil if it ended by the clock.
    package var cases: Int?
    /// Into how many the run was cut.
    package var shards: Int
    /// Findings of one signature that are reduced.
    package var reducedPerSignature: Int
    /// The version of recipes.
    package var recipes: String

    private enum CodingKeys: String, CodingKey {
      case seed, size, includesRawKeys, includesWideWrites, families, cases, shards, reducedPerSignature,
        recipes
      case implementations = "accused"
    }
  }

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

    /// Nothing evaluated yet.
    package init(shard: Int, clock: Clock) { (self.shard, self.clock) = (shard, clock) }
  }

  /// What was asked.
  package var plan: Plan
  /// In the order of their shards, each once.
  package private(set) var parts: [Part]

  /// The record of one shard.
  package init(plan: Plan, part: Part) { self.init(plan: plan, parts: [part]) }

  init(plan: Plan, parts: [Part]) { (self.plan, self.parts) = (plan, parts) }

  /// Shards that are not in it.
  package var missing: [Int] { (1...plan.shards).filter { shard in !parts.contains { $0.shard == shard } } }

  /// What the parts come to together.
  package var total: Total { Total(plan: plan, parts: parts) }
}

extension Record {
  /// What a run came to, however it was cut: nothing in it depends on shards, threads or the clock.
  package struct Total: Sendable, Hashable, Codable {
    /// What was asked, as if of one shard.
    package let plan: Plan
    /// What came of the fuzzing.
    package let ledger: Campaign.Ledger
    /// What became of the saved cases.
    package let corpus: [Replay]

    init(plan: Plan, parts: [Part]) {
      var whole = plan
      whole.shards = 1
      self.plan = whole
      ledger = .sum(
        parts.map(\.ledger), names: plan.implementations.map(\.name), limit: plan.reducedPerSignature)
      corpus = Replay.union(parts.map(\.corpus))
    }
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
