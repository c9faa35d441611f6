import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Support
import Testing

/// A rule that keeps states in 16 bits between calls.
@Suite struct StateFormatTests {
  /// Answers the final state in full, and leaves it to the caller to round it.
  private struct FullStates: Implementation {
    let name = "full-states"
    let base = Registry.named("sequential")!
    var declaration: Declaration { Declaration(contract: nil) }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      var contract = problem.contract
      contract.state = .fp32
      let whole = try Problem(
        shape: problem.shape, primals: problem.primals, mask: problem.mask, cotangents: problem.cotangents,
        contract: contract)
      return try base.evaluate(whole, request: request)
    }
  }

  @Test func `what the rule rounds is no choice of the kernel`() throws {
    let recipe = try Recipe(
      "v1/B1-T2-Hk1-Hv2-Dk32-Dv32/channels/keys=equal/decay=none/write=1/contract=state=bf16/f32/seed=0")
    let check = try CrossCheck(recipe)
    for implementation in Registry.all where implementation.refusal(of: try recipe.render()) == nil {
      let judgement = check.judge(implementation).judgement
      guard case .agrees = judgement.verdict else {
        Issue.record("\(implementation.name): \(judgement)")
        continue
      }
      #expect(judgement.note == nil && judgement.plainRatio == nil, "\(implementation.name): \(judgement)")
    }
  }

  @Test(arguments: ["bf16", "f16"]) func `a state may be answered in full`(format: String) throws {
    let recipe = try Recipe(
      "v1/B1-T2-Hk1-Hv2-Dk32-Dv32/channels/keys=equal/decay=none/write=1/contract=state=\(format)/f32/seed=0")
    let problem = try recipe.render()
    let verdict = try CrossCheck(recipe).judge(FullStates()).judgement.verdict
    guard case .agrees = verdict else {
      Issue.record("\(verdict)")
      return
    }
    for property in Property.all {
      let runs = PropertyRuns(
        FullStates(), on: problem, arithmetic: .working, exactness: [.splitting], seed: 0, peers: [])
      switch property.check(runs) {
      case .holds, .notApplicable: break
      case let outcome: Issue.record("\(property.name): \(outcome)")
      }
    }
  }
}
