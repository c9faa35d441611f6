import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Testing

/// What every autograd form of the rule does, and is no fault of the kernel under test.
@Suite struct TorchHabitTests {
  /// The rule with the gates' gradients as autograd forms them: da = exp(A_log) dsoftplus(x) dlambda, at masked tokens
  /// too, where dlambda is 0; the sums over tokens take those in.
  private struct Autograd: ImplementationWrapper {
    let name = "autograd"
    let base: any Implementation = Registry.named("sequential")!
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      var evaluation = try base.evaluate(problem, request: request)
      guard request.arithmetic == .working, case .model(_, _, let A_log, _) = problem.primals.gates,
        let live = problem.mask?.live, var da = evaluation[.da], var dA_log = evaluation[.dA_log]
      else { return evaluation }
      let Hv = problem.shape.Hv
      let width = da.values.count / max(1, live.count * Hv)
      for i in da.values.indices where !live[i / (Hv * width)] {
        let h = i / width % Hv
        // 0 times inf.
        if A_log.values[h] > 88.8 { (da.values[i], dA_log.values[h]) = (.nan, .nan) }
      }
      (evaluation.results[.da], evaluation.results[.dA_log]) = (da, dA_log)
      return evaluation
    }
  }

  @Test(arguments: ["mask=left:1", "mask=left:3"])
  func `NaN at a masked token whose exp(A_log) overflows fp32 is excused`(mask: String) throws {
    let recipe = try Recipe(
      "v1/B1-T3-Hk1-Hv1-Dk2-Dv2/model/keys=random/decay=-inf/A_log=100/write=0.5/\(mask)/f32/seed=0")
    let check = try CrossCheck(recipe)
    let result = check.judge(Autograd())
    #expect(result.evaluation?[.da]?.isFinite == false)
    #expect(result.grade == .agrees, "\(result.judgement)")
  }

  @Test func `a finite gradient at such a token is a failure`() throws {
    struct Leaking: ImplementationWrapper {
      let name = "leaking"
      let base: any Implementation = Registry.named("sequential")!
      func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
        var evaluation = try base.evaluate(problem, request: request)
        evaluation.results[.da]?.values[0] = 1
        return evaluation
      }
    }
    let recipe = try Recipe(
      "v1/B1-T3-Hk1-Hv1-Dk2-Dv2/model/keys=random/decay=-inf/A_log=100/write=0.5/mask=left:1/f32/seed=0")
    #expect(try CrossCheck(recipe).judge(Leaking()).grade == .disagrees)
  }
}
