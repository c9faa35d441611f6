import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Testing

/// One fault among thousands of tokens: rounding has had time to add up, and the fault has not.
@Suite struct LongSequenceTests {
  static let recipe =
    "v1/B1-T4096-Hk1-Hv2-Dk4-Dv2/keys=random/decay=random:-0.01:1/write=logits:-3:3/state=random/dstate=random/f32/seed=5"

  /// Writes nothing at one token.
  struct Forgetful: ImplementationWrapper {
    let name = "forgetful"
    let base: any Implementation
    /// The one that is not written.
    let token: Int
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      guard case .core(let g, var beta) = problem.primals.gates else { throw Refusal("core level only") }
      for h in 0..<problem.shape.Hv { beta.values[token * problem.shape.Hv + h] = 0 }
      var primals = problem.primals
      primals.gates = .core(g: g, beta: beta)
      return try base.evaluate(
        Problem(
          shape: problem.shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents),
        request: request)
    }
  }

  @Test(arguments: ["sequential", "checkpoint", "fused", "chunked-stable", "chunked"])
  func `one token of 4096 that is not written is seen, wherever it stands`(name: String) throws {
    let base = try #require(Registry.named(name))
    let check = try CrossCheck(Recipe(LongSequenceTests.recipe))
    let whole = check.judge(base)
    try #require(whole.grade == .agrees, "\(Report.sentence(whole))")
    for token in [0, 63, 64, 2048, 4095] {
      let verdict = check.judge(Forgetful(base: base, token: token)).judgement.verdict
      guard case .disagrees(let found) = verdict, found.cause == .wrongFormula else {
        Issue.record("token \(token): \(verdict)")
        continue
      }
    }
  }
}
