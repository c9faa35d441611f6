import GatedDeltaRule
import Generator
import Machine
import Oracle
import Support
import Testing

/// Says that it holds more than there is.
private struct Glutton: Implementation {
  let name = "glutton"

  func workingBytes(for shape: Shape, threads: Int) -> Double { 2 * Double(Memory.limit) }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    preconditionFailure("was asked although there is no memory for it")
  }
}

struct MemoryTests {
  private let recipe = "v1/B1-T2-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=1/f32/seed=0"

  @Test func `what there is no memory for is not evaluated`() throws {
    let result = try CrossCheck(Recipe(recipe)).judge(Glutton(), properties: .all)
    #expect(result.judgement.lacksMemory)
    #expect(result.failure == nil)
    guard case .refused(let reason) = result.judgement.verdict else {
      Issue.record("\(result.judgement.verdict)")
      return
    }
    #expect(reason.hasPrefix("not evaluated: needs "))
  }

  @Test func `a saved case that there is no memory for is not a changed one`() throws {
    let digest = try Recipe(recipe).render().digest
    let finding = Finding(
      recipe: recipe, digest: digest, implementation: "glutton", expectation: .agrees, why: "a test")
    let (replay, grade) = Replay.evaluate(finding, file: "known/case.json", by: Glutton())
    #expect(replay.outcome == .notEvaluated)
    #expect(replay.detail.hasPrefix("not evaluated: needs "))
    #expect(grade == nil)
  }

  @Test func `what stands before an implementation needs the memory that it needs`() throws {
    struct Wrapper: ImplementationWrapper { let base: any Implementation = Glutton() }
    #expect(try CrossCheck(Recipe(recipe)).judge(Wrapper()).judgement.lacksMemory)
    var plan = Campaign.Plan(implementations: [Glutton()], seed: 1)
    plan.cases = 20
    plan.profile.families = [try Family("Hk1-Hv1-Dk1-Dv1/f32")]
    let tally = try #require(try plan.run().tallies.first)
    #expect(tally.refused == 20)
  }

  @Test func `the need grows with the shape, past every number of bytes`() throws {
    func need(T: Int, D: Int) throws -> Double {
      let shape = try Shape(B: 1, T: T, Hk: 1, Hv: 1, Dk: D, Dv: D)
      return MemoryNeed(judging: Glutton(), on: shape, threads: 1).bytes - 2 * Double(Memory.limit)
    }
    #expect(try need(T: 1, D: 1) < 1e6)
    let (shorter, longer) = try (need(T: 128, D: 64), need(T: 256, D: 64))
    #expect(shorter < longer)
    #expect(try need(T: 1 << 22, D: 1024) > 0x1p38)
  }
}
