import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Support
import Synchronization
import Testing

/// One bit against a promise is a finding; without the promise it is counted.
@Suite struct PromiseTests {
  /// The sequential form, with the last bit of y changed for a reason that a promise excludes.
  final class Wavering: Implementation {
    enum Reason: CaseIterable {
      case askedAgain, alone, stateGiven, laterToken

      /// The promise that it breaks, and the property that shows it.
      var broken: (promise: Promise, property: String) {
        switch self {
        case .askedAgain: (.repetition, "repeated")
        case .alone: (.batch, "row-alone")
        case .stateGiven: (.split, "splitting")
        case .laterToken: (.prefix, "prefix")
        }
      }
    }

    let name = "wavering"
    let reason: Reason
    let promises: Set<Promise>
    private let calls = Atomic<Int>(0)

    init(_ reason: Reason, promising promises: Set<Promise>) {
      (self.reason, self.promises) = (reason, promises)
    }

    var declaration: Declaration {
      var declaration = Declaration(offersDouble: false)
      declaration.promises = promises
      return declaration
    }

    /// By how many last bits: never the same in three calls that follow each other, if it is of being asked again.
    private func steps(_ problem: Problem) -> Int {
      switch reason {
      case .askedAgain: calls.add(1, ordering: .relaxed).oldValue % 3 - 1
      case .alone: problem.shape.B == 1 ? 1 : 0
      case .stateGiven: problem.primals.state != nil ? 1 : 0
      // The sign of the last value decides.
      case .laterToken: problem.primals.v.values.last?.sign == .minus ? 1 : 0
      }
    }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      let sequential = try #require(Registry.named("sequential"))
      var evaluation = try sequential.evaluate(problem, request: request)
      let steps = steps(problem)
      guard steps != 0, var y = evaluation[.y] else { return evaluation }
      for i in y.values.indices where y.values[i] != 0 {
        let value = Float(y.values[i])
        y.values[i] = Double(steps > 0 ? value.nextUp : value.nextDown)
      }
      evaluation.results[.y] = y
      return evaluation
    }
  }

  private static let recipes = (0..<30).map { seed in
    "v1/B2-T9-Hk1-Hv2-Dk4-Dv3/keys=random/decay=random:-1:1/write=logits:-3:3/dstate=random/f32/seed=\(seed)"
  }

  private func results(_ wavering: Wavering, showing property: String) throws -> [CaseResult] {
    try Self.recipes.map {
      try CrossCheck(Recipe($0)).judge(wavering, properties: .showing(kind: property))
    }
  }

  @Test(arguments: Wavering.Reason.allCases)
  func `one bit against a promise is a finding`(reason: Wavering.Reason) throws {
    let (promise, property) = reason.broken
    let failures = try results(Wavering(reason, promising: [promise]), showing: property).compactMap(
      \.failure)
    #expect(failures.count >= 3)
    #expect(failures.allSatisfy { $0.kind == property })
  }

  @Test(arguments: Wavering.Reason.allCases)
  func `what is not promised is within the bounds`(reason: Wavering.Reason) throws {
    let (promise, property) = reason.broken
    let others = Set(Promise.allCases).subtracting([promise])
    // It answers other bits whenever it is asked, so that each of the other promises is broken as well.
    let wavering = Wavering(reason, promising: reason == .askedAgain ? [] : others)
    let results = try results(wavering, showing: property)
    #expect(results.allSatisfy { $0.failure == nil && $0.properties == [property] })
  }

  @Test(arguments: [Wavering.Reason.askedAgain, .laterToken])
  func `what moves though it is not promised not to is said`(reason: Wavering.Reason) throws {
    let (_, property) = reason.broken
    let results = try results(Wavering(reason, promising: []), showing: property)
    let moved = results.compactMap { $0.movements[property]?.share }.filter { $0 > 0 }
    #expect(moved.count >= 3 && moved.allSatisfy { $0 <= 1 })
    #expect(results.contains { Report.sentence($0).contains("of the elements have other bits") })
  }

  @Test func `a run says that answers do not repeat, and with which line that is seen`() throws {
    var plan = Campaign.Plan.small([Wavering(.askedAgain, promising: [])], seed: 5, cases: 400)
    // Where nothing has to be rounded there is nothing to waver in.
    plan.profile = plan.profile.withoutExactCases
    // It wavers by what a long call may be off by, which is too much for a short one.
    plan.profile.sessionShare = 0
    plan.commands = ["wavering": "a command"]
    let summary = try plan.run()
    #expect(summary.findings.isEmpty)
    let drift = try #require(summary.tallies[0].moved?["repeated"])
    #expect(drift.cases > 3 && drift.share > 0)
    let note = try #require(summary.healthNotes.map(\.description).first { $0.contains("does not repeat") })
    #expect(note.hasSuffix("gdr replay \(drift.recipe) --against 'wavering=a command'"))
    let again = try CrossCheck(drift.recipe).judge(
      Wavering(.askedAgain, promising: []), properties: .showing(kind: "repeated"))
    #expect(again.movements["repeated"]?.moved ?? 0 > 0)
  }

  @Test func `a run says that the past moves with the future, and shards add up to it`() throws {
    let plan = Campaign.Plan.small([Wavering(.laterToken, promising: [.repetition])], seed: 5, cases: 300)
    let whole = try plan.run()
    let drift = try #require(whole.tallies[0].moved?["prefix"])
    #expect(drift.cases > 3)
    #expect(whole.healthNotes.contains { "\($0)".contains("where other tokens follow") })
    let ledgers = try (0..<3).map { shard in
      var part = plan
      (part.shard, part.shards) = (shard, 3)
      return try part.run()
    }
    let records = ledgers.map { summary in
      var part = Record.Part(shard: 1, clock: Record.Clock(started: 0))
      part.ledger = summary.ledger
      return (summary.plan, part)
    }
    var merged: Record?
    for (shard, (plan, part)) in records.enumerated() {
      var numbered = Record.Part(shard: shard + 1, clock: part.clock)
      numbered.ledger = part.ledger
      let record = Record(plan: plan, part: numbered)
      merged = try merged?.union(record) ?? record
    }
    #expect(merged?.total.ledger.tallies == whole.ledger.tallies)
  }
}
