import GatedDeltaRule
import Generator
import Oracle
import Testing

/// How far chunked forms may be off in the gradients of the model's gates.
@Suite struct GateGradientTests {
  private static let gates: [Quantity] = [.da, .dA_log, .ddt_bias]

  private func problem(_ sizes: String, seed: Int) throws -> Problem {
    try Recipe(
      "v1/\(sizes)/model/keys=random/decay=-0.1/write=logits:-2:2/state=random/dstate=random/f32/seed=\(seed)"
    ).render()
  }

  private func chunked(_ dg: Arrangement.DecayGradient?) -> Declaration {
    var declaration = Declaration(form: .chunked(length: 64))
    guard let dg else { return declaration }
    var arrangement = Arrangement()
    (arrangement.wy, arrangement.system, arrangement.dg) = (.joined, .substitution, dg)
    declaration.arrangement = arrangement
    return declaration
  }

  private func norm(_ tensor: Tensor?) throws -> Double {
    try #require(tensor).values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  @Test func `a sum over crossings may lose ten times what the sequential form may, at most`() throws {
    for seed in 1...3 {
      let check = CrossCheck(try problem("B1-T64-Hk1-Hv1-Dk16-Dv16", seed: seed))
      let (one, other) = (check.bound(for: Declaration()), check.bound(for: chunked(.crossings)))
      for quantity in Self.gates {
        #expect(try norm(other[quantity]) <= 10 * norm(one[quantity]))
      }
    }
  }

  /// What is said of the arrangement narrows the bound, and never widens it.
  @Test func `crossings lose least, and what says nothing may lose most`() throws {
    let check = CrossCheck(try problem("B1-T40-Hk1-Hv2-Dk8-Dv8", seed: 4))
    let bounds = [.crossings, .cumsum, nil].map { check.bound(for: chunked($0)) }
    for quantity in Self.gates {
      let sizes = try bounds.map { try norm($0[quantity]) }
      #expect(sizes[0] < sizes[1] && sizes[1] <= sizes[2])
    }
  }

  @Test func `gradients of zero are no answer, on an ordinary case of 256 tokens`() throws {
    let check = CrossCheck(try problem("B1-T256-Hk1-Hv1-Dk16-Dv16", seed: 1))
    for dg in [Arrangement.DecayGradient.crossings, .cumsum] {
      for quantity in Self.gates {
        var answer = check.reference().evaluation
        answer.results[quantity] = Tensor(shape: quantity.shape(in: check.problem.shape))
        let judgement = check.judge(evaluation: answer, double: nil, declaration: chunked(dg))
        guard case .disagrees(let found) = judgement.verdict else {
          Issue.record("\(dg) \(quantity): \(judgement.verdict)")
          continue
        }
        #expect(found.quantity == quantity)
      }
    }
  }

  @Test func `what a bound says little of is named, where no run in fp64 says more`() throws {
    let check = CrossCheck(try problem("B1-T64-Hk1-Hv1-Dk16-Dv16", seed: 1))
    let truth = check.reference().evaluation
    var coarse = Declaration(form: .chunked(length: 64))
    coarse.products = .bf16
    let judgement = check.judge(evaluation: truth, double: nil, declaration: coarse)
    #expect(judgement.uninformative.contains(.dA_log))
    #expect(Report.sentence(judgement).contains("not informative for"))
    #expect(check.judge(evaluation: truth, double: truth, declaration: coarse).uninformative.isEmpty)
    #expect(check.judge(evaluation: truth, double: nil, declaration: Declaration()).uninformative.isEmpty)
  }
}
