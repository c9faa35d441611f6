import GatedDeltaRule
import Generator
import Implementations
import Mutants
import Oracle
import Support
import Synchronization
import Testing

@Suite struct CampaignTests {
  func mutant(_ name: String) throws -> any Implementation {
    try #require(Mutant.named(name)).implementation()
  }

  func run(_ change: (inout Campaign.Plan) -> Void) throws -> Campaign.Summary {
    let implementations: [any Implementation] = [
      try #require(Registry.named("sequential")), try mutant("sequential/group-misses-head"),
      try mutant("sequential/beta-large"),
    ]
    var plan = Campaign.Plan.small(implementations, seed: 9, cases: 120)
    change(&plan)
    return try plan.run()
  }

  @Test func `the number of threads changes nothing but the time`() throws {
    let one = try run { $0.jobs = 1 }
    let many = try run { $0.jobs = 16 }
    #expect(!one.findings.isEmpty)
    #expect(one.ledger == many.ledger)
  }

  @Test func `honest implementations raise no alarm`() throws {
    let honest = Registry.all.filter { !$0.declaration.isControl }
    var plan = Campaign.Plan.small(honest, seed: 2, cases: 1500)
    plan.jobs = 2
    let summary = try plan.run()
    #expect(summary.findings.isEmpty, "\(summary.findings.map(\.finding.recipe))")
    for tally in summary.tallies {
      #expect(tally.evaluated + tally.refused == 1500)
      #expect(tally.disagrees + tally.failed == 0)
      // No small case has the 32 channels of the Metal kernel.
      let perChannel = summary.coverage.count(of: "channels")
      switch tally.implementation {
      case "fused-metal": #expect(tally.evaluated == 0)
      case "chunked": #expect(tally.refused == perChannel)
      case "chunked-kda": #expect(tally.evaluated == perChannel)
      default: #expect(tally.refused == 0)
      }
    }
    #expect(summary.coverage.missed(in: .small).isEmpty)
  }

  @Test func `a run ends at its time and is told to stop`() throws {
    let timed = try run { ($0.cases, $0.duration) = (nil, .milliseconds(300)) }
    #expect(timed.elapsed < .seconds(30))
    #expect(timed.cases > 0)
    let plan = Campaign.Plan.small([try mutant("sequential/group-misses-head")], seed: 1, cases: nil)
    let stopped = try plan.run(isInterrupted: { true })
    #expect(stopped.wasInterrupted && stopped.cases == 0)
  }

  @Test func `a case that somebody asks about is held to every property, not to a drawn few`() throws {
    for index in 0..<8 {
      let recipe = try Recipe("v1/B1-T3-Hk1-Hv1-Dk2-Dv2/keys=random/decay=-1/write=0.5/f32/seed=\(index)")
      let laws: Set = ["repeated", "forward-only"]
      #expect(laws.contains(CrossCheck.failure(of: Fickle(), on: recipe)?.kind ?? ""))
      let one = try EvaluatedCase(recipe, by: [Fickle()], properties: .all)
      #expect(laws.contains(one.results.first?.failure?.kind ?? ""))
    }
  }

  @Test func `where a table has no room each implementation has a sentence`() throws {
    let summary = try run { $0.implementations = Array($0.implementations.prefix(1)) }
    let wide = Report.lines(summary)
    #expect(wide.contains { $0.hasPrefix("  sequential  passes ") })
    let narrow = Report.lines(summary, width: 10)
    #expect(narrow.contains { $0.hasPrefix("sequential: passes; passes 120, worst ") })
    #expect(!narrow.contains { $0.hasPrefix("  sequential") })
  }

  /// Promises the same bits every time, and keeps the promise every other time.
  private final class Fickle: Implementation {
    private let calls = Atomic<Int>(0)
    var name: String { "fickle" }
    var summary: String { "for tests" }
    var declaration: Declaration { Declaration(promisesBits: true) }
    func refusal(of problem: Problem) -> String? { nil }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      guard let sequential = Registry.named("sequential") else { preconditionFailure("no sequential form") }
      var evaluation = try sequential.evaluate(problem, request: request)
      let isEven = calls.add(1, ordering: .relaxed).oldValue % 2 == 0
      if isEven, request.arithmetic == .working, var y = evaluation[.y] {
        for i in y.values.indices { y.values[i] = Double(Float(y.values[i]).nextUp) }
        evaluation.results[.y] = y
      }
      return evaluation
    }
  }
}
