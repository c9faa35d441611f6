import Foundation
import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Support
import Testing

/// How honest kernels make g of what they are given, or log g of g.
@Suite struct GivenDecayTests {
  /// The recurrence with e^x as 2^(x log2 e), all of it in fp32: one rounding of the argument.
  private struct PowersOfTwo: Implementation {
    let name = "powers-of-two"
    let base = Registry.named("sequential")!
    var declaration: Declaration { Declaration(offersDouble: false, contract: nil) }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      guard case .core(let logarithm, let beta) = problem.primals.gates, problem.contract.decay == .log else {
        throw Refusal("takes log g")
      }
      let factors = logarithm.values.map { Double(exp2(Float($0) * Float(M_LOG2E))) }
      var (primals, contract) = (problem.primals, problem.contract)
      primals.gates = .core(g: Tensor(shape: logarithm.shape, values: factors), beta: beta)
      contract.decay = .linear
      let given = try Problem(
        shape: problem.shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents,
        contract: contract)
      var answer = try base.evaluate(given, request: request)
      answer.results[.dg] = answer[.dg].map { dg in
        Tensor(shape: dg.shape, values: zip(dg.values, factors).map { Double(Float($0) * Float($1)) })
      }
      return answer
    }
  }

  @Test(arguments: [-1, -5, -10, -15, -20, -60])
  func `an exponential may be a power of two`(level: Double) throws {
    for seed in 0..<8 {
      let recipe = try Recipe(
        "v1/B1-T5-Hk1-Hv2-Dk2-Dv3/keys=random/decay=random:\(level):0.5/write=0.5/state=random/dstate=random/contract=decay=log/f32/seed=\(seed)"
      )
      let judgement = try CrossCheck(recipe).judge(PowersOfTwo()).judgement
      guard case .agrees = judgement.verdict else {
        Issue.record("\(recipe.text): \(Report.sentence(judgement))")
        continue
      }
    }
  }

  /// Divides by g what it has by log g, and leaves out what that cannot be: no gap of its own making.
  @Test func `a gradient by a factor that is next to nothing may be missing`() throws {
    struct ThroughLogarithm: Implementation {
      let name = "through-logarithm"
      let base = Registry.named("sequential")!
      /// Where dg is left out.
      let limit: Double

      func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
        var answer = try base.evaluate(problem, request: request)
        if case .core(let g, _) = problem.primals.gates, g.values.contains(where: { $0 < limit }) {
          answer.results[.dg] = nil
        }
        return answer
      }
    }
    func gaps(_ limit: Double) throws -> [String] {
      var plan = Campaign.Plan.small([ThroughLogarithm(limit: limit)], seed: 3, cases: 60)
      plan.profile.contracts = Profile.plainContract
      plan.profile.restriction.level = .core
      plan.profile.restriction.excludesMasks = true
      return try plan.run().healthProblems.map { "\($0)" }.filter { $0.contains("leaves out dg") }
    }
    #expect(try gaps(1e-30).isEmpty)
    #expect(try !gaps(1e-3).isEmpty)
  }
}
