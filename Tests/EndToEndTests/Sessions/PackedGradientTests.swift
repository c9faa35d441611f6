import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Testing

/// Training on packed sequences: what is built in does it natively, and what is wrong with it is named.
@Suite struct PackedGradientTests {
  static let recipes = [
    "v1/B3-T9-Hk1-Hv2-Dk4-Dv4/keys=random/decay=-0.1/write=0.5/state=random/dstate=random/calls=prefill:9.0.4/pool=5/f32/seed=1",
    "v1/B2-T70-Hk2-Hv4-Dk3-Dv5/model/keys=random/decay=-1/A_log=heads/dt_bias=heads/write=0.9/dstate=random"
      + "/calls=prefill:70.65/f32/seed=2",
    "v1/B2-T20-Hk1-Hv2-Dk9-Dv4/channels/keys=random/decay=-0.1/write=0.9/calls=prefill:20.7/bf16/seed=3",
    "v1/B2-T20-Hk1-Hv2-Dk8-Dv4/model/keys=random/decay=-0.1/write=0.9"
      + "/contract=qk=l2norm:1e-6,scale=rsqrt/calls=prefill:20.7/f32/seed=4",
  ]

  static let names = Registry.all.filter { !$0.declaration.isControl && $0.name != "fused-metal" }.map(\.name)

  private func result(of implementation: any Implementation, _ recipe: String) throws -> PropertyResult {
    let runs = PropertyRuns(implementation, on: try Recipe(recipe).render(), exactness: .none, seed: 1)
    return try #require(Property.named("packed-gradients")).check(runs)
  }

  @Test(arguments: names, recipes)
  func `packed sequences have the gradients that each has by itself`(name: String, recipe: String) throws {
    let implementation = try #require(Registry.named(name))
    switch try result(of: implementation, recipe) {
    case .holds(let ratio): #expect(ratio <= 1)
    case .notApplicable(let reason):
      let kind = recipe.contains("channels") ? "scalar decay" : "a decay per channel"
      #expect(reason == "refused: takes \(kind) only")
    case let other: Issue.record("\(other)")
    }
  }

  /// A kernel whose packed gradients have a fault.
  private struct Faulty: ImplementationWrapper, PackedTraining {
    let base: any Implementation = Registry.named("sequential")!
    let alter: @Sendable (Step, inout StepAnswer) -> Void
    func answer(_ step: Step, request: Request) throws -> StepAnswer {
      var answer = try base.answer(step, request: request)
      alter(step, &answer)
      return answer
    }
  }

  private func place(_ alter: @escaping @Sendable (Step, inout StepAnswer) -> Void) throws -> String? {
    switch try result(of: Faulty(alter: alter), Self.recipes[1]) {
    case .violated(let violation): return violation.what
    case let other:
      Issue.record("\(other)")
      return nil
    }
  }

  @Test func `a gradient that leaks into the sequence before is named`() throws {
    #expect(
      try place { step, answer in
        guard let dk = answer.gradients[.dk] else { return }
        let width = dk.shape.dropFirst(2).reduce(1, *)
        answer.gradients[.dk]!.values[step.offsets[1] * width - 1] += 1
      } == "dk of sequence 0, 70 tokens")
  }

  @Test func `a sum of one sequence alone is named`() throws {
    #expect(
      try place { _, answer in
        answer.gradients[.dA_log]?.values[0] *= 0.5
      } == "dA_log of all sequences")
  }

  @Test func `a gradient by a state that is another's is named`() throws {
    let place = try place { _, answer in
      guard let dstate = answer.gradients[.dstateIn] else { return }
      let count = dstate.values.count / 2
      for i in 0..<count { answer.gradients[.dstateIn]!.values[i] = dstate.values[count + i] }
    }
    #expect(place == "dstate_in of sequence 0, 70 tokens")
  }
}
