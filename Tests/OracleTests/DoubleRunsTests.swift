import GatedDeltaRule
import Generator
import Oracle
import Support
import Synchronization
import Testing

/// Answers as another does, and keeps of which recipes it was asked for a run in fp64.
private final class Asked: Implementation {
  private let other: any Implementation
  private let calls = Mutex<(recipes: [String], count: Int)>(([], 0))
  /// Changes an answer, by what was asked for and how many answers there were before.
  private let change: @Sendable (inout Evaluation, Request, Int) -> Void

  init(
    _ other: any Implementation,
    change: @escaping @Sendable (inout Evaluation, Request, Int) -> Void = { _, _, _ in }
  ) {
    (self.other, self.change) = (other, change)
  }

  var name: String { other.name }
  var summary: String { other.summary }
  var declaration: Declaration { other.declaration }
  /// Of recipes in fp64, in their order.
  var recipes: [String] { calls.withLock { $0.recipes } }
  func refusal(of problem: Problem) -> String? { other.refusal(of: problem) }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    var evaluation = try other.evaluate(problem, request: request)
    let count = calls.withLock { calls in
      if request.arithmetic == .double, let recipe = request.recipe { calls.recipes.append(recipe) }
      calls.count += 1
      return calls.count - 1
    }
    change(&evaluation, request, count)
    return evaluation
  }
}

extension Evaluation {
  /// Every number of y times a factor, as a number of fp32 or fp64.
  fileprivate mutating func multiplyOutputs(by factor: Double) {
    guard var y = self[.y] else { return }
    for i in y.values.indices { y.values[i] = y.precision.round(y.values[i] * factor) }
    results[.y] = y
  }
}

/// Answers what the judge knows to be right.
private struct Right: Implementation {
  var name: String { "right" }
  var summary: String { "for tests" }
  func refusal(of problem: Problem) -> String? {
    problem.contract == .plain && problem.calls == nil ? nil : "takes the plain rule in one call only"
  }
  var declaration: Declaration { Declaration() }
  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation { Reference(problem).evaluation }
}

@Suite struct DoubleRunsTests {
  private let recipes = (0..<40).map {
    try! Recipe("v1/B1-T5-Hk1-Hv2-Dk3-Dv2/keys=random/decay=-1/write=0.5/f32/seed=\($0)")
  }

  /// Of which recipes an implementation is asked for fp64.
  private func asked(
    _ implementation: any Implementation, _ recipes: [Recipe], _ doubles: DoubleRuns
  ) throws -> Set<String> {
    let asked = Asked(implementation)
    for recipe in recipes { _ = try EvaluatedCase(recipe, by: [asked], doubles: doubles) }
    return Set(asked.recipes)
  }

  @Test
  func `a run asks for fp64 in an eighth of what passes, whoever is asked, and a look at one case in each`()
    throws
  {
    let every = try asked(Specimen(), recipes, .always)
    #expect(every == Set(recipes.map(\.text)))
    let drawn = try asked(Specimen(), recipes, .drawn)
    #expect((1...12).contains(drawn.count))
    #expect(try asked(Right(), recipes.reversed(), .drawn) == drawn)
  }

  @Test func `what shards ask for in fp64 is what one run asks for`() throws {
    func asked(by shards: Int) throws -> [String] {
      let asked = Asked(Right())
      for shard in 0..<shards {
        var plan = Campaign.Plan.small([asked], seed: 3, cases: 200)
        (plan.shard, plan.shards) = (shard, shards)
        let summary = try plan.run()
        #expect(summary.findings.isEmpty)
      }
      return asked.recipes.sorted()
    }
    let one = try asked(by: 1)
    #expect((50...150).contains(one.count))
    #expect(try asked(by: 2) == one)
  }

  @Test func `what does not pass in fp32 is asked for fp64, so that its verdict is that of a replay`() throws
  {
    var (left, failing, seenInDouble) = (0, 0, 0)
    let wrongInDouble = Asked(Specimen()) { evaluation, request, _ in
      if request.arithmetic == .double { evaluation.multiplyOutputs(by: 1 + 1e-6) }
    }
    for specimen in Specimen.Fault.allCases.map({ Specimen(fault: $0) }) + [
      wrongInDouble as any Implementation
    ] {
      for recipe in recipes.prefix(20) {
        let drawn = try EvaluatedCase(recipe, by: [specimen], doubles: .drawn).results[0]
        let replayed = try EvaluatedCase(recipe, by: [specimen]).results[0]
        if drawn.judgement.leavesDoubleOut {
          #expect(drawn.grade == .agrees && drawn.judgement.doubleRatios.isEmpty)
          left += 1
          guard case .disagrees(let found) = replayed.judgement.verdict else { continue }
          #expect(found.test == .double, "\(specimen.name) on \(recipe.text)")
          seenInDouble += 1
        } else {
          #expect(drawn.judgement == replayed.judgement, "\(specimen.name) on \(recipe.text)")
          #expect(drawn.failure == replayed.failure)
          if drawn.failure != nil { failing += 1 }
        }
      }
    }
    #expect(left > 10 && failing > 50 && seenInDouble > 0)
  }

  @Test func `who breaks a property is asked for fp64 as well`() throws {
    var honest = Specimen()
    honest.declaration.promisesBits = true
    for recipe in recipes {
      // The first answer is another than all that follow.
      let fickle = Asked(honest) { evaluation, _, count in
        if count == 0 { evaluation.multiplyOutputs(by: 1 + 0x1p-23) }
      }
      let result = try EvaluatedCase(recipe, by: [fickle], properties: .all, doubles: .drawn).results[0]
      #expect(result.failure?.kind == "repeated" || result.failure?.kind == "forward-only")
      #expect(fickle.recipes == [recipe.text])
      #expect(!result.judgement.leavesDoubleOut && !result.judgement.doubleRatios.isEmpty)
    }
  }
}
