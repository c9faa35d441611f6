import GatedDeltaRule
import Generator
import Oracle
import Support
import Testing

/// A kernel that is right by another rule than the one asked for is told which one.
@Suite struct OtherRuleTests {
  /// Computes one rule, whatever is asked for, and says nothing of it.
  struct Mistaken: Implementation {
    let rule: Contract
    var fault: RuleKernel.Fault?

    var name: String { "mistaken" }
    var declaration: Declaration { Declaration(offersDouble: false, contract: nil) }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      RuleKernel(rule, fault).evaluate(problem, request: request)
    }
  }

  private static let core = "v1/B1-T2-Hk1-Hv1-Dk4-Dv2/keys=random/decay=-0.5/write=0.5/state=random"
  private static let model =
    "v1/B1-T2-Hk1-Hv1-Dk4-Dv2/model/keys=random/decay=-0.5/A_log=heads/write=logits:-3:3/state=random"

  /// Keys of zeros, where the outputs are right whatever is added to their squares.
  private static let vanished = "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=zero/decay=none/write=0.5"

  static let rules: [(rule: String, recipe: String)] =
    [
      "scale=rsqrt", "scale=0.25", "qk=l2norm:1e-6", "qk=l2norm:1e-6,scale=rsqrt", "decay=log",
    ].map { ($0, core) } + ["beta=2sigmoid", "gate=bounded:-5", "gate=bounded:-5,noA"].map { ($0, model) }

  @Test(arguments: rules) func `which rule it computes is said`(rule: String, recipe: String) throws {
    let kernel = Mistaken(rule: try Contract(rule))
    let explanation = try #require(try Explanation(Recipe(recipe + "/f32/seed=1"), kernel))
    #expect(explanation.otherRule?.description == rule)
    #expect(explanation.cause.text.hasSuffix("--contract \(rule)") && explanation.cause.isLikely)
  }

  @Test(arguments: rules)
  func `one that computes the plain rule is told so`(rule: String, recipe: String) throws {
    let asked = try Recipe("\(recipe)/contract=\(rule)/f32/seed=1")
    let explanation = try #require(try Explanation(asked, Mistaken(rule: .plain)))
    #expect(explanation.otherRule == .plain)
  }

  static let epsilons = [
    (asked: "1e-6", computed: "0.001"), ("1e-6", "1e-5"), ("1e-6", "1e-12"), ("1e-12", "1e-6"),
    ("1e-5", "0.001"),
  ]

  @Test(arguments: epsilons, [core, vanished])
  func `another epsilon of the normalisation is named`(
    epsilon: (asked: String, computed: String), recipe: String
  ) throws {
    let rule = try Contract("qk=l2norm:\(epsilon.computed),scale=rsqrt")
    let asked = try Recipe("\(recipe)/contract=qk=l2norm:\(epsilon.asked),scale=rsqrt/f32/seed=1")
    guard let explanation = try Explanation(asked, Mistaken(rule: rule)) else {
      // Beside the square of a unit none of these epsilons but the largest matters in fp32.
      return #expect(recipe == Self.core && epsilon.computed != "0.001")
    }
    #expect(explanation.otherRule == rule)
    #expect(
      explanation.cause.text.hasPrefix(
        "the epsilon of the normalisation is \(epsilon.computed), in place of \(epsilon.asked): ")
        && explanation.cause.isLikely)
  }

  @Test func `rules that differ in two parts are told apart`() throws {
    let rule = "qk=l2norm:1e-6,scale=rsqrt,decay=log"
    let explanation = try #require(
      try Explanation(Recipe(Self.core + "/f32/seed=1"), Mistaken(rule: try Contract(rule))))
    #expect(explanation.otherRule?.description == rule)
  }

  @Test(arguments: [
    RuleKernel.Fault.epsilonOutside, .otherEpsilonBackward, .scaleGradientIgnored, .keysAlone,
  ])
  func `what is nearly the rule is no other`(fault: RuleKernel.Fault) throws {
    let rule = try Contract("qk=l2norm:1e-6,scale=rsqrt")
    let asked = try Recipe(
      "v1/B1-T2-Hk1-Hv1-Dk1-Dv1/keys=zero/decay=none/write=0.5/state=random/contract=\(rule)/f32/seed=0")
    let kernel = Mistaken(rule: rule, fault: fault)
    let problem = try asked.render()
    let answers = try kernel.evaluate(problem, request: Request())
    #expect(OtherRule.contract(of: kernel, answering: answers, to: problem, of: asked) == nil)
  }

  @Test func `a wrong term is no other rule`() throws {
    let rule = try Contract("qk=l2norm:1e-6")
    let asked = try Recipe(Self.core + "/contract=\(rule)/f32/seed=1")
    let explanation = try #require(
      try Explanation(asked, Mistaken(rule: rule, fault: .normGradientIgnored)))
    #expect(explanation.otherRule == nil)
  }

  @Test func `a state the other way round is told how to say so`() throws {
    let problem = try Recipe(Self.core + "/f32/seed=1").render()
    var answers = RuleKernel(.plain).evaluate(problem, request: Request())
    let state = try #require(answers[.stateOut])
    answers.results[.stateOut] = Tensor(shape: [1, 1, 4, 2], values: state.values)
    let judgement = CrossCheck(problem).judge(
      evaluation: answers, double: nil, declaration: Declaration(offersDouble: false))
    guard case .failed(let reason) = judgement.verdict else {
      Issue.record("a wrong shape is taken")
      return
    }
    #expect(reason.hasSuffix("(if states lie [Dk, Dv], say so: --contract layout=kv)"))
  }

  @Test func `a square state the other way round is seen`() throws {
    let problem = try Recipe(Self.core.replacing("Dv2", with: "Dv4") + "/f32/seed=1").render()
    let square = Transposed()
    let answers = try square.evaluate(problem, request: Request())
    #expect(OtherRule.contract(of: answers, to: problem, square.declaration)?.description == "layout=kv")
  }

  /// Takes and gives states as [Dk, Dv].
  private struct Transposed: Implementation {
    var name: String { "transposed" }
    var declaration: Declaration { Declaration(offersDouble: false, contract: nil) }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      var primals = problem.primals
      primals.state = primals.state.map(Self.transposed)
      let other = try Problem(
        shape: problem.shape, primals: primals, mask: problem.mask,
        cotangents: Outputs(y: problem.cotangents.y, state: problem.cotangents.state.map(Self.transposed)))
      var answers = RuleKernel(.plain).evaluate(other, request: request)
      for quantity in [Quantity.stateOut, .dstateIn] {
        answers.results[quantity] = answers.results[quantity].map(Self.transposed)
      }
      return answers
    }

    /// Of one head with as many rows as columns.
    static func transposed(_ state: Tensor) -> Tensor {
      let n = state.shape[3]
      var copy = state
      for i in 0..<n { for j in 0..<n { copy.values[j * n + i] = state.values[i * n + j] } }
      return copy
    }
  }
}
