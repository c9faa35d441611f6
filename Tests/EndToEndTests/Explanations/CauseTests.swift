import Foundation
import GatedDeltaRule
import Generator
import Mutants
import Oracle
import Support
import Testing

/// What is said of the cause of a failure.
@Suite struct CauseTests {
  /// Right but for what is done to its answer.
  struct Altered: Implementation {
    var name = "altered"
    var declaration = Declaration(offersDouble: true)
    let alter: @Sendable (inout Evaluation, Shape) -> Void

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      var answer = try Mutant.clean[0].evaluate(problem, request: request)
      alter(&answer, problem.shape)
      return answer
    }
  }

  private static let plain =
    "v1/B1-T5-Hk1-Hv2-Dk4-Dv3/keys=random/decay=-0.5/write=0.5/state=random/dstate=random/f32/seed=1"
  private static let faults = ["key-head-modulo", "group-misses-head", "decay-gradient-from-new-state"]
    .compactMap { point in
      Mutant.named("sequential/" + point).map { mutant in
        KnownFault(mutant.name, mutant.fault) { mutant.implementation() }
      }
    }

  private func explanation(
    _ implementation: any Implementation, _ recipe: String = plain, amongst faults: [KnownFault] = []
  ) throws -> Explanation {
    try #require(try Explanation(Recipe(recipe), implementation, amongst: faults))
  }

  @Test func `what answers like a known fault is told which`() throws {
    #expect(Self.faults.count == 3)
    for fault in Self.faults {
      let mutant = try #require(Mutant.named(fault.name))
      let recipe = "v1/B1-T3-Hk2-Hv4-Dk3-Dv2/keys=random/decay=-0.5/write=0.5/state=random/f32/seed=1"
      let found = try explanation(mutant.implementation(), recipe, amongst: Self.faults)
      #expect(found.alike.map(\.name) == [fault.name])
      #expect(found.cause.isLikely && found.cause.text.contains(fault.sentence))
    }
  }

  @Test(arguments: [
    "decay=log", "qk=l2norm:1e-6,scale=rsqrt,decay=log,state=bf16", "scale=0.3", "layout=kv",
  ])
  func `a known fault is named under other contracts`(contract: String) throws {
    var recipe = try Recipe(
      "v1/B1-T3-Hk2-Hv4-Dk3-Dv2/keys=random/decay=-0.5/write=0.5/state=random/f32/seed=1")
    recipe.contract = try Contract(contract)
    for fault in Self.faults {
      let kernel = ByPlainRule(try #require(Mutant.named(fault.name)).implementation())
      let found = try explanation(kernel, recipe.text, amongst: Self.faults)
      #expect(found.alike.map(\.name) == [fault.name])
    }
  }

  /// Doubles y where the last token is masked.
  private struct Padded: Implementation {
    var name = "padded"
    var declaration = Declaration(offersDouble: true)

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      var answer = try Mutant.clean[0].evaluate(problem, request: request)
      if !problem.isLive(0, problem.shape.T - 1) { answer.scale(.y, by: 2) }
      return answer
    }
  }

  @Test func `a property is told that what it makes of the case is answered wrongly`() throws {
    let recipe = try Recipe(Self.plain)
    let result = try CrossCheck(recipe).judge(Padded(), properties: .showing(kind: "right-padding"))
    let failure = try #require(result.failure)
    #expect(failure.kind == "right-padding")
    let found = try #require(try Explanation(recipe, Padded(), of: failure))
    #expect(found.underlying?.results == [.y])
    #expect(found.cause.text.contains("y wrong there, by the reference"))
  }

  /// A kernel written by somebody else seldom has the same reverse pass.
  @Test func `what has the outputs of a known fault has it, whatever its gradients are`() throws {
    struct Forward: Implementation {
      var name = "forward"
      var declaration = Declaration(offersDouble: true)
      func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
        var answer = try Mutant.clean[0].evaluate(problem, request: request)
        let wrong = try Mutant.named("sequential/key-head-modulo")?.implementation()
          .evaluate(problem, request: request)
        for quantity in [Quantity.y, .stateOut] { answer.results[quantity] = wrong?[quantity] }
        return answer
      }
    }
    let recipe = "v1/B1-T3-Hk2-Hv4-Dk3-Dv2/keys=random/decay=-0.5/write=0.5/state=random/f32/seed=1"
    let found = try explanation(Forward(), recipe, amongst: Self.faults)
    #expect(found.alike.map(\.name) == ["sequential/key-head-modulo"])
  }

  @Test func `what answers like none is told none`() throws {
    let halved = Altered { answer, _ in answer.scale(.dv, by: 0.5) }
    let found = try explanation(halved, amongst: Self.faults)
    #expect(found.alike.isEmpty && !found.cause.isLikely)
    #expect(found.cause.text.hasPrefix("dv is scaled: 0.5 times what it should be"))
  }

  @Test func `a gradient that lacks the last token is told so`() throws {
    let cut = Altered { answer, shape in
      for i in (answer[.dg]?.values.indices ?? 0..<0) where i / shape.Hv % shape.T == shape.T - 1 {
        answer.results[.dg]?.values[i] = 0
      }
    }
    #expect(try explanation(cut).cause.text.hasPrefix("the end of the sequence"))
  }

  @Test func `the sizes at which it passes are named`() throws {
    let reset = Altered { answer, shape in
      if shape.T > 64 { answer.scale(.y, by: 2) }
    }
    let long = Self.plain.replacingOccurrences(of: "T5", with: "T66")
    let found = try explanation(reset, long)
    let tokens = try #require(found.neighbours.first { $0.axis == .T })
    #expect(tokens.failing.first == 65 && tokens.passing.last == 64)
    #expect(found.neighbours.map(\.axis) == [.T])
    let lines = Report.notes(found, implementation: reset)
    #expect(lines.contains { $0.hasPrefix("fails in this way at T = 65") && $0.contains(", 64") })
  }

  @Test func `what a masked token holds is not blamed where nothing is masked`() throws {
    let infinite = Altered { answer, _ in answer.scale(.y, by: .infinity) }
    #expect(!(try explanation(infinite).cause.text.contains("mask")))
  }
}

extension Evaluation {
  fileprivate mutating func scale(_ quantity: Quantity, by factor: Double) {
    for i in results[quantity]?.values.indices ?? 0..<0 { results[quantity]?.values[i] *= factor }
  }
}

/// One case, in a test of another package.
@Suite struct RecipeAgreementTests {
  private static let recipe = "v1/B1-T3-Hk1-Hv2-Dk3-Dv2/keys=random/decay=-0.5/write=0.5/f32/seed=1"

  @Test func `what is right is said to agree`() throws {
    #expect(try expectAgreement(of: Honest(), recipe: Self.recipe).contains("agrees"))
  }

  @Test func `what is wrong is thrown with its cause`() throws {
    let halved = CauseTests.Altered { answer, _ in answer.scale(.y, by: 0.5) }
    let thrown = #expect(throws: Disagreements.self) { try expectAgreement(of: halved, recipe: Self.recipe) }
    #expect(thrown?.description.contains("y is scaled: 0.5 times") == true)
  }

  @Test func `a line that is no recipe is no agreement`() {
    #expect(throws: RecipeError.self) { try expectAgreement(of: Honest(), recipe: "v1/nonsense") }
  }

  /// Findings of a run print a line that runs in a test.
  @Test func `a finding prints the line that shows it in a test`() throws {
    let halved = CauseTests.Altered { answer, _ in answer.scale(.y, by: 0.5) }
    let thrown = #expect(throws: Disagreements.self) { try expectAgreement(of: halved, cases: 20) }
    let text = thrown?.description ?? ""
    let recipe = text.split(separator: "recipe: \"").dropFirst().first?.split(separator: "\"").first
    #expect(throws: Disagreements.self) {
      try expectAgreement(of: halved, recipe: String(try #require(recipe)))
    }
    #expect(!text.contains("gdr replay"))
  }

  private struct Honest: Implementation {
    var name = "honest"
    var declaration = Declaration(offersDouble: true)

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      try Mutant.clean[0].evaluate(problem, request: request)
    }
  }
}

/// Findings of one cause are one card.
@Suite struct CardTests {
  private func summary(of implementation: any Implementation) throws -> Campaign.Summary {
    var plan = Campaign.Plan(implementations: [implementation], seed: 3)
    (plan.cases, plan.profile) = (60, .small)
    return try Campaign(plan).run(
      save: { found in
        let recipe = found.shrunk.recipe
        let explanation = try Explanation(
          recipe, implementation, of: found.shrunk.failure, met: found.pattern, amongst: [])
        found.cause = explanation?.signature
      }, report: { _ in }, isInterrupted: { false })
  }

  @Test func `a wrong head is one bug, however it is met`() throws {
    let mutant = try #require(Mutant.named("sequential/key-head-modulo"))
    let summary = try summary(of: mutant.implementation())
    let cards = Card.all(of: summary.findings)
    #expect(!summary.findings.isEmpty)
    #expect(cards.reduce(0) { $0 + 1 + $1.others.count } == summary.findings.count)
    #expect(cards.count == 1, "\(summary.findings.map { "\($0.finding.recipe): \($0.cause ?? "")" })")
  }

  @Test func `a property that a wrong result violates is on the card of that result`() throws {
    let mutant = try #require(Mutant.named("sequential/key-head-modulo"))
    let wrong = try #require(try summary(of: mutant.implementation()).findings.first)
    var violated = wrong
    (violated.cause, violated.underlying) = ("another", wrong.shrunk.failure)
    let cards = Card.all(of: [violated, wrong])
    #expect(cards.map(\.simplest) == [wrong] && cards.map(\.others) == [[violated]])
    violated.underlying = nil
    #expect(Card.all(of: [violated, wrong]).count == 2)
  }

  @Test func `what was not explained stands alone`() throws {
    let mutant = try #require(Mutant.named("sequential/key-head-modulo"))
    let summary = try summary(of: mutant.implementation())
    let unexplained = summary.findings.map { found in
      var found = found
      found.cause = nil
      return found
    }
    let twice = unexplained + unexplained
    #expect(Card.all(of: twice).count == twice.count)
  }

  @Test func `a finding keeps its pattern in a record`() throws {
    let mutant = try #require(Mutant.named("sequential/key-head-modulo"))
    let found = try #require(try summary(of: mutant.implementation()).findings.first)
    #expect(found.pattern?.parts.isEmpty == false)
    let again = try JSONDecoder().decode(Campaign.Found.self, from: JSONEncoder().encode(found))
    #expect(again == found)
  }
}
