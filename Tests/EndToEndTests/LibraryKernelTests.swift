import Foreign
import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Support
import Testing

/// Kernels of libraries, whose declaration depends on the length of a call.
@Suite struct LibraryKernelTests {
  /// One of them that declares something else of every problem, or lets its answers say it.
  private struct Otherwise: ImplementationWrapper {
    let base = Registry.named("mlx-simdgroup")!
    /// Instead of the floor; nil for what is true.
    var clamp: Declaration.Clamp?
    /// Whether an answer corrects it.
    var saysSo = false

    func declaration(for problem: Problem) -> Declaration {
      var declaration = base.declaration(for: problem)
      if let clamp { declaration.clamp = clamp }
      return declaration
    }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      var evaluation = try base.evaluate(problem, request: request)
      if saysSo {
        let truth = base.declaration(for: problem)
        (evaluation.form, evaluation.clamp) = (truth.form, truth.clamp)
      }
      return evaluation
    }
  }

  @Test func `they raise no alarm`() throws {
    var plan = Campaign.Plan.small(
      [try #require(Registry.named("sequential"))] + Registry.libraries, seed: 5, cases: 400)
    plan.jobs = 2
    let summary = try plan.run()
    #expect(summary.findings.isEmpty, "\(summary.findings.map(\.finding.recipe))")
    let perChannel = summary.coverage.count(of: "channels")
    for tally in summary.tallies.dropFirst() {
      #expect(tally.disagrees + tally.failed == 0)
      if tally.implementation == "mlx-simdgroup-input" {
        // It takes no gates of a model either.
        #expect(tally.evaluated > 120 && tally.refused > (perChannel ?? 0))
      } else {
        #expect(tally.evaluated > 250 && tally.refused == perChannel)
      }
    }
  }

  @Test(arguments: [Declaration.Clamp.none, .decay(floor: 1e-6)])
  func `without the floor that they have they fail, but where an answer says it`(clamp: Declaration.Clamp)
    throws
  {
    let recipe = try Recipe(
      "v1/B1-T20-Hk1-Hv2-Dk3-Dv4/keys=random/decay=random:-30:1/write=0.5/state=random/dstate=random/f32/seed=2"
    )
    let check = try CrossCheck(recipe)
    #expect(check.isHeld(by: .decay(floor: 1e-6)))
    #expect(check.judge(Otherwise()).grade == .agrees)
    #expect(check.judge(Otherwise(clamp: clamp)).grade == .disagrees)
    #expect(check.judge(Otherwise(clamp: clamp, saysSo: true)).grade == .agrees)
  }

  @Test func `what serves an implementation says where a problem is taken another way`() throws {
    let responder = Responder(try #require(Registry.named("mlx-nax")))
    var hello = Frame(metadata: ["request": "hello", "id": "1"])
    let declared = try responder.reply(to: hello).metadata
    #expect(declared["form"] == "chunked:16" && declared["clamp"] == "forward:1e-06")
    for (T, form, clamp) in [(8, "sequential", "none"), (9, nil, nil)] as [(Int, String?, String?)] {
      hello = Frame(try Problem.zeros(T: T))
      hello.metadata["request"] = "evaluate"
      let reply = try responder.reply(to: hello)
      #expect(reply.metadata["form"] == form && reply.metadata["clamp"] == clamp)
      #expect(reply.entries["y"] != nil)
    }
  }
}
