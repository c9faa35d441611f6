import GatedDeltaRule
import Generator
import Oracle
import Support
import Synchronization
import Testing

import gdr

/// What a worker takes, learnt by asking.
@Suite struct TakenTests {
  /// Answers the reference, and refuses what it is told to.
  struct Choosy: Implementation {
    var name = "choosy"
    var declaration: Declaration { Declaration(offersDouble: false) }
    let refuses: @Sendable (Problem) -> Bool

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      if refuses(problem) { throw Refusal("not for this one") }
      return Reference(problem).evaluation
    }
  }

  static let cases: [(words: String?, flags: String, refuses: @Sendable (Problem) -> Bool)] = [
    (nil, "", { _ in false }),
    ("the core level", " --level core", { $0.level == .model }),
    ("the model level, no mask", " --level model --no-mask", { $0.level == .core || $0.mask != nil }),
    ("a decay per key channel", " --channels", { $0.shape.decayKind == .scalar }),
    ("one decay a head", " --no-channels", { $0.shape.decayKind == .perChannel }),
    ("inputs in fp32", "", { $0.primals.q.precision != .fp32 }),
    (
      "of the sizes tried Hk1-Hv2-Dk32-Dv32, Hk1-Hv2-Dk64-Dv64, Hk1-Hv2-Dk128-Dv128 in f32, bf16",
      " --families Hk1-Hv2-Dk32-Dv32/f32,Hk1-Hv2-Dk32-Dv32/bf16,Hk1-Hv2-Dk64-Dv64/f32,Hk1-Hv2-Dk64-Dv64/bf16,"
        + "Hk1-Hv2-Dk128-Dv128/f32,Hk1-Hv2-Dk128-Dv128/bf16",
      { $0.shape.Dk % 32 != 0 || $0.primals.q.precision == .fp16 }
    ),
    (
      "of the sizes tried Hk2-Hv2-Dk128-Dv128, Hk1-Hv1-Dk128-Dv128 in bf16",
      " --families Hk2-Hv2-Dk128-Dv128/bf16,Hk1-Hv1-Dk128-Dv128/bf16",
      { $0.shape.Dk != 128 || $0.shape.Hk != $0.shape.Hv || $0.primals.q.precision != .bf16 }
    ),
  ]

  @Test(arguments: cases.indices)
  func `what is refused is left out, and what is drawn then is taken`(index: Int) throws {
    let (words, flags, refuses) = TakenTests.cases[index]
    let choosy = Choosy(refuses: refuses)
    let taken = try #require(try Taken(by: choosy))
    #expect(taken.words == words && taken.flags == flags)
    var plan = Campaign.Plan(implementations: [choosy], seed: 2)
    plan.profile = .small
    let lines = plan.leaveOutWhatIsRefused(workers: ["choosy"])
    #expect(lines.first == words.map { "choosy takes \($0)" })
    for index in 0..<UInt64(60) {
      let problem = try Recipe.draw(seed: 2, index: index, profile: plan.profile).render()
      #expect(!refuses(problem))
    }
    #expect(Record.Plan(plan).profile.restriction == plan.profile.restriction)
    #expect(Record.Plan(plan).profile.families == plan.profile.families)
  }

  @Test func `every problem is told of before it is put, once`() throws {
    let log = Mutex<[String]>([])
    let choosy = Choosy { problem in
      log.withLock { $0.append("put \(problem.shape.Dk) \(problem.primals.q.precision)") }
      return problem.shape.Dk % 32 != 0
    }
    _ = try Taken(by: choosy) { recipe in
      log.withLock { $0.append("told \(recipe.Dk) \(recipe.precision)") }
    }
    let lines = log.withLock { $0 }
    #expect(lines.count > 20 && lines.count % 2 == 0)
    for n in stride(from: 0, to: lines.count - 1, by: 2) {
      #expect(lines[n] == lines[n + 1].replacing("put", with: "told"))
    }
  }

  @Test func `what takes nothing that is tried, and what breaks down, changes nothing`() throws {
    struct Broken: Implementation {
      let name = "broken"
      func evaluate(_ problem: Problem, request: Request) throws -> Evaluation { throw Breakdown("always") }
    }
    #expect(try Taken(by: Choosy { _ in true }) == nil)
    #expect(throws: Breakdown.self) { try Taken(by: Broken()) }
    for one in [Choosy { _ in true }, Broken()] as [any Implementation] {
      var plan = Campaign.Plan(implementations: [one], seed: 2)
      let before = plan.profile
      #expect(plan.leaveOutWhatIsRefused(workers: [one.name]).isEmpty)
      #expect(plan.profile == before)
    }
  }

  @Test func `of several, what one takes is drawn; beside what is built in nothing is left out`() throws {
    let core = Choosy(name: "core") { $0.level == .model }
    let all = Choosy(name: "all") { _ in false }
    var plan = Campaign.Plan(implementations: [core, all], seed: 2)
    let lines = plan.leaveOutWhatIsRefused(workers: ["core", "all"])
    #expect(lines == ["core takes the core level"])
    #expect(plan.profile.restriction == Restriction())
    #expect(plan.leaveOutWhatIsRefused(workers: ["core"]).isEmpty)
  }

  @Test func `what is asked for is no news, and nothing else is tried`() throws {
    let asked = Mutex<[Level]>([])
    let one = Choosy { problem in
      asked.withLock { $0.append(problem.level) }
      return false
    }
    var restriction = Restriction()
    restriction.level = .model
    let taken = try #require(try Taken(by: one, asked: restriction))
    #expect(taken.words == nil && asked.withLock { Set($0) } == [.model])
    let family = try Family("Hk1-Hv1-Dk128-Dv128/bf16")
    let ofFamily = try #require(try Taken(by: one, families: [family]))
    #expect(Family(of: ofFamily.sample) == family && ofFamily.families.isEmpty)
  }

  @Test func `flags that contradict each other, or that there are no cases of, are refused`() {
    #expect(run(["fuzz", "--channels", "--no-channels"]).code == .usage)
    #expect(run(["fuzz", "--level", "deep"]).code == .usage)
    #expect(run(["exact", "--level", "model", "--contract", "gate=bounded:-5"]).code == .usage)
    #expect(run(["exact", "--contract", "qk=l2norm:1"]).code == .usage)
  }

  @Test func `a run of other levels is another run`() {
    let open = Campaign.Plan(implementations: [Choosy { _ in false }], seed: 2)
    var core = open
    core.profile.restriction.level = .core
    #expect(
      Record.Plan(core).difference(from: Record.Plan(open)) == "the level is core in one and any in the other"
    )
  }
}
