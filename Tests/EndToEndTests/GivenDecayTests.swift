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

  /// Takes log g, or g by way of its logarithm as a floor under every g says, and is an honest kernel of bf16 but for a
  /// gain in one result.
  private struct ThroughLog: Implementation {
    let kernel: CoarseKernel
    var name: String { kernel.name }
    var declaration: Declaration {
      var declaration = kernel.declaration
      (declaration.clamp, declaration.contract) = (.logDecay(floor: -1000), nil)
      return declaration
    }

    func refusal(of problem: Problem) -> String? {
      MildDecay(kernel).refusal(of: (try? ofFactors(problem)) ?? problem)
    }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      let plain = try ofFactors(problem)
      var answer = try kernel.evaluate(plain, request: request)
      guard problem.givesLogDecay, case .core(let g, _) = plain.primals.gates else { return answer }
      answer.results[.dg] = answer[.dg].map { dg in
        Tensor(shape: dg.shape, values: zip(dg.values, g.values).map { Double(Float($0 * $1)) })
      }
      return answer
    }

    private func ofFactors(_ problem: Problem) throws -> Problem {
      guard case .core(let g, let beta) = problem.primals.gates else { throw Refusal("core level") }
      let factors = g.values.map { value in
        Double(exp(problem.givesLogDecay ? Float(value) : log(Float(value))))
      }
      var primals = problem.primals
      primals.gates = .core(g: Tensor(shape: g.shape, values: factors), beta: beta)
      return try Problem(
        shape: problem.shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents)
    }
  }

  @Test(arguments: ["", "decay=log"]) func `twins are asked where g goes through its logarithm`(
    contract: String
  )
    throws
  {
    func run(_ kernel: CoarseKernel) throws -> Campaign.Summary {
      var plan = Campaign.Plan.small([ThroughLog(kernel: kernel)], seed: 5, cases: 60)
      plan.profile.families = [try Family("Hk1-Hv2-Dk8-Dv8/bf16")]
      plan.profile.contracts = .one(try contract.isEmpty ? .plain : Contract(contract))
      (plan.profile.restriction.level, plan.profile.restriction.decayKind) = (.core, .scalar)
      plan.profile.restriction.excludesMasks = true
      plan.profile.exactShare = 0
      return try plan.run()
    }
    let honest = try run(CoarseKernel(.bf16, length: 16))
    #expect(honest.findings.isEmpty, "\(honest.findings.map(\.sentence))")
    #expect((honest.tallies[0].evidence?.cases ?? 0) > 5)
    let faulty = try run(CoarseKernel(.bf16, length: 16).with(CoarseGain(.dv, 0.03)))
    #expect(faulty.findings.contains { $0.finding.kind == "systematic error" })
  }
}
