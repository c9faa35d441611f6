import Foundation
import GatedDeltaRule
import Generator
import Implementations
import Machine
import Mutants
import Oracle
import Support
import Synchronization
import Testing

@Suite struct NightTests {
  func plan(_ change: (inout Campaign.Plan) -> Void = { _ in }) throws -> Campaign.Plan {
    let builtIn = try ["sequential", "chunked-sb32"].map { try #require(Registry.named($0)) }
    let mutants = try ["sequential/group-misses-head", "sequential/beta-large"].map {
      try #require(Mutant.named($0)).implementation()
    }
    var plan = Campaign.Plan.small(builtIn + mutants, seed: 9, cases: 90)
    change(&plan)
    return plan
  }

  func record(_ plan: Campaign.Plan) throws -> Record {
    let summary = try plan.run()
    return record(plan, summary.ledger)
  }

  func record(_ plan: Campaign.Plan, _ ledger: Campaign.Ledger) -> Record {
    var part = Record.Part(shard: plan.shard + 1, clock: Record.Clock(started: 1e9))
    part.ledger = ledger
    return Record(plan: Record.Plan(plan), part: part)
  }

  func shards(_ count: Int) throws -> [Record] {
    try (0..<count).map { shard in
      try record(plan { ($0.shard, $0.shards, $0.jobs) = (shard, count, shard + 1) })
    }
  }

  @Test(arguments: [2, 3, 7]) func `the shards together are the unsharded run to the byte`(count: Int) throws
  {
    let whole = try record(plan())
    #expect(!whole.total.ledger.findings.isEmpty && !whole.total.ledger.caught.isEmpty)
    let parts = try shards(count)
    for (shard, part) in parts.enumerated() {
      #expect(part.total.ledger.cases == (90 - shard + count - 1) / count)
      #expect(part.total.ledger.reduced.allSatisfy { $0.index % count == shard })
    }
    let merged = try parts.dropFirst().reduce(parts[0]) { try $0.union($1) }
    #expect(merged.missing.isEmpty)
    #expect(try bytes(merged.total) == bytes(whole.total))
  }

  /// Everything that a run came to, as it would stand in a file.
  private func bytes(_ total: Record.Total) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "NaN")
    return String(decoding: try encoder.encode(total), as: UTF8.self)
  }

  @Test func `merging is idempotent and knows no order, and a lost shard may come late`() throws {
    let parts = try shards(3)
    let merged = try parts[0].union(parts[1]).union(parts[2])
    #expect(try parts[2].union(parts[0]).union(parts[1]) == merged)
    #expect(try parts[2].union(parts[1].union(parts[0])) == merged)
    #expect(try merged.union(parts[1]).union(merged) == merged)
    let lost = try parts[0].union(parts[2])
    #expect(lost.missing == [2])
    #expect(try lost.union(parts[1]) == merged)
    // Of a shard that was killed and one that came to its end, the latter counts, whichever comes first.
    let killed = try record(plan { ($0.shard, $0.shards) = (1, 3) }, Campaign.Ledger())
    #expect(try killed.union(merged) == merged)
    #expect(try merged.union(killed) == merged)
  }

  @Test func `records of two runs do not merge, and the line says why`() throws {
    let parts = try shards(2)
    let other = try record(plan { ($0.shards, $0.seed, $0.cases) = (2, 10, 4) })
    let mismatch = #expect(throws: Record.Mismatch.self) { try parts[0].union(other) }
    #expect(mismatch?.description == "the seed is 9 in one and 10 in the other")
  }

  @Test func `a record reads back as it was written, and junk is one clause`() throws {
    let record = try record(plan { $0.cases = 40 })
    let data = try record.encoded()
    #expect(try Record(decoding: data) == record)
    #expect(try Record(decoding: data).encoded() == data)
    for length in stride(from: 0, to: data.count - 1, by: 997) {
      let error = #expect(throws: UnreadableRecord.self) { try Record(decoding: data.prefix(length)) }
      #expect(error?.description.contains("\n") == false)
    }
    for (old, new) in [
      ("\"format\":1", "\"format\":9"), ("\"shards\":1", "\"shards\":0"), ("\"shard\":1", "\"shard\":2"),
      ("\"cases\":40", "\"cases\":-1"), ("\"zeros\":", "\"zeros\":-"), ("\"elapsed\":0", "\"elapsed\":1e300"),
    ] {
      let text = String(decoding: data, as: UTF8.self)
      #expect(text.contains(old))
      let changed = Data(text.replacingOccurrences(of: old, with: new).utf8)
      #expect(throws: UnreadableRecord.self, "\(new)") { try Record(decoding: changed) }
    }
  }

  /// Stopped after so many questions whether to stop: between cases, in the middle of a batch, of a reduction.
  @Test(arguments: [0, 1, 9, 40, 42, 70, 120])
  func `an interrupted run goes on to exactly the same end`(questions: Int) throws {
    let plan = try plan { $0.cases = 48 }
    let whole = try record(plan)
    let asked = Atomic<Int>(0)
    var saved: Set<String> = []
    let stopped = try plan.run(
      save: { saved.insert($0.finding.fileName) },
      isInterrupted: { asked.add(1, ordering: .relaxed).newValue > questions })
    #expect(stopped.wasInterrupted && stopped.cases < 48)
    let state = try Record(decoding: record(plan, stopped.ledger).encoded())
    let ended = try plan.run(
      resuming: state.parts[0].ledger, save: { saved.insert($0.finding.fileName) })
    #expect(record(plan, ended.ledger) == whole)
    #expect(Set(ended.findings.map(\.finding.fileName)).isSubset(of: saved))
  }

  @Test func `what is reported at any moment is a state to go on from`() throws {
    let plan = try plan { $0.cases = 60 }
    var states: [Campaign.Ledger] = []
    let summary = try plan.run(report: { states.append($0.ledger) })
    #expect(states.map(\.cases) == Array(1...60))
    for state in [states[3], states[31], states[59]] {
      let again = try plan.run(resuming: state)
      #expect(again.ledger == summary.ledger)
    }
  }

  @Test func `a run that has spent its time evaluates nothing more`() throws {
    let plan = try plan { ($0.cases, $0.duration) = (nil, .seconds(3600)) }
    let summary = try plan.run(after: .seconds(3600))
    #expect(summary.cases == 0 && !summary.wasInterrupted)
  }

  @Test func `a run ends on time in the middle of a reduction`() throws {
    let plan = try plan {
      ($0.implementations, $0.cases, $0.duration) = ([Sluggish()], nil, .milliseconds(400))
    }
    let summary = try plan.run()
    #expect(summary.elapsed < .seconds(10))
    #expect(summary.findings.first?.shrunk.isMinimal == false)
  }

  @Test func `a reduction leaves time to look how the failure came about`() throws {
    let plan = try plan { ($0.implementations, $0.cases) = ([Sluggish()], 2) }
    let deadline = Deadline()
    deadline.set(.now + .seconds(3))
    var left: [Duration] = []
    _ = try Campaign(plan, until: deadline).run(
      save: { _ in left.append(deadline.left) }, report: { _ in }, isInterrupted: { false })
    #expect(try #require(left.first) > .milliseconds(200))
  }

  /// Sevens, after a while: a reduction of it takes a minute.
  private struct Sluggish: Implementation {
    var name: String { "sluggish" }
    var summary: String { "for tests" }
    var declaration: Declaration { Declaration(offersDouble: false) }
    func refusal(of problem: Problem) -> String? { nil }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      Thread.sleep(forTimeInterval: 0.1)
      return Evaluation(results: [
        .y: Tensor(shape: problem.shape.value, repeating: 7),
        .stateOut: Tensor(shape: problem.shape.state, repeating: 7),
      ])
    }
  }

  @Test func `a worker with a reason for every refusal takes no memory, and shards still add up`() throws {
    let plan = try plan { ($0.implementations, $0.cases) = ([Fussy()], 400) }
    let whole = try record(plan)
    let tally = try #require(whole.total.ledger.tallies.first)
    #expect(tally.refusals.count == 64 && tally.refused == 400)
    let halves = try (0..<2).map { shard in
      try record(
        self.plan { ($0.implementations, $0.cases, $0.shard, $0.shards) = ([Fussy()], 400, shard, 2) })
    }
    #expect(try halves[1].union(halves[0]).total == whole.total)
  }

  private struct Fussy: Implementation {
    var name: String { "fussy" }
    var summary: String { "for tests" }
    var declaration: Declaration { Declaration() }
    func refusal(of problem: Problem) -> String? { "does not like \(problem.digest)" }
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation { throw Refusal("no") }
  }
}
