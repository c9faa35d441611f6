import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Support
import Testing

/// What a run says of a worker that it could hardly test, and that it blames no worker for what it need not do.
@Suite struct WorkerHealthTests {
  /// A correct implementation that takes and answers part of what there is.
  private struct Partial: Implementation {
    let name = "partial"
    let summary = "for tests"
    let base = Registry.named("sequential")!
    var families: [Family] = []
    var takes: @Sendable (Shape) -> Bool = { _ in true }
    var answers: @Sendable (Quantity, Problem) -> Bool = { _, _ in true }
    var withoutGradients: Set<Quantity> = []

    var declaration: Declaration {
      var declaration = base.declaration
      declaration.withoutGradients = withoutGradients
      return declaration
    }
    func refusal(of problem: Problem) -> String? { takes(problem.shape) ? nil : "has no such shape" }
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      let shape = problem.shape
      if !families.isEmpty, !families.contains(where: { $0.Dk == shape.Dk && $0.Dv == shape.Dv }) {
        throw Unexpected(description: "Dk=\(shape.Dk) was never asked for")
      }
      var evaluation = try base.evaluate(problem, request: request)
      evaluation.results = evaluation.results.filter { answers($0.key, problem) }
      return evaluation
    }
  }

  private struct Unexpected: Error, CustomStringConvertible {
    let description: String
  }

  private func summary(
    _ worker: Partial, cases: Int, families: [Family] = [], isWorker: Bool = true
  ) throws -> Campaign.Summary {
    var plan = Campaign.Plan.small([worker], seed: 5, cases: cases)
    plan.profile.families = families
    if isWorker { plan.commands = [worker.name: "a command"] }
    return try plan.run()
  }

  @Test func `a run of families stays in them, properties included, and is healthy`() throws {
    let families = try [Family("Hk1-Hv2-Dk4-Dv3/f32"), Family("Hk2-Hv2-Dk5-Dv8/bf16")]
    let summary = try summary(Partial(families: families), cases: 800, families: families)
    #expect(summary.findings.map(\.sentence) == [])
    #expect(summary.healthProblems == [])
    #expect(summary.tallies[0].checked["zero-keys"] == nil, "it widens Dk")
    #expect(summary.tallies[0].checked.count > 10)
  }

  @Test func `without families a derived problem that throws is a failure, with its text and shape`() throws {
    let family = try Family("Hk1-Hv1-Dk2-Dv2/f32")
    let recipe = try Recipe("v1/B1-T3-Hk1-Hv1-Dk2-Dv2/keys=random/decay=-1/write=0.5/f32/seed=0")
    let result = try CrossCheck(recipe).judge(
      Partial(families: [family]), properties: .showing(kind: "zero-keys"))
    #expect(result.grade == .failed)
    #expect(result.brokenProperty?.violation == nil)
    #expect(result.brokenProperty?.reason?.contains("was never asked for, on B1 T3") == true)
  }

  @Test func `no gradient of a state that is not there is no gap`() throws {
    let worker = Partial(answers: { quantity, problem in
      quantity != .dstateIn || problem.primals.state != nil
    })
    #expect(try summary(worker, cases: 200).healthProblems == [])
  }

  @Test func `gradients that are never answered are named, unless the worker declares so`() throws {
    let missing: Set<Quantity> = [.dk, .dv]
    var worker = Partial(answers: { quantity, _ in !missing.contains(quantity) })
    #expect(
      try summary(worker, cases: 200).healthProblems == [.neverJudged("partial", quantities: ["dk", "dv"])])
    worker.withoutGradients = missing
    #expect(try summary(worker, cases: 200).healthProblems == [])
  }

  @Test func `what a worker refuses is said not to be tested, at the smallest size too`() throws {
    let worker = Partial(takes: { $0.Dk == 8 })
    let summary = try summary(worker, cases: 400)
    guard case .untested("partial", let share) = summary.healthProblems.first else {
      Issue.record("\(summary.healthProblems)")
      return
    }
    #expect(share > 0.8 && share < 1)
    let half = try self.summary(Partial(takes: { $0.Dk > 2 }), cases: 400)
    #expect(half.healthProblems == [])
    #expect(half.healthNotes.count == 1)
    let short = try self.summary(Partial(takes: { $0.Dk == 64 }), cases: 20)
    #expect(short.healthProblems == [.untested("partial", share: 1)])
    #expect(short.refusedByAll == "partial refused all 20 cases")
    let shorter = try self.summary(Partial(takes: { $0.Dk == 64 }), cases: 19)
    #expect(shorter.healthProblems == [] && shorter.healthNotes == [.untested("partial", share: 1)])
    let families = try [Family("Hk1-Hv1-Dk2-Dv2/f32")]
    let chosen = try self.summary(Partial(takes: { $0.Dk == 64 }), cases: 30, families: families)
    #expect(chosen.healthProblems == [] && chosen.healthNotes == [.untested("partial", share: 1)])
    #expect(summary.refusedByAll == nil)
  }

  @Test func `a worker that rounds less than its bound is worth a note, what is built in an alarm`() throws {
    // Answers in fp64 what is judged as fp32.
    struct Exact: Implementation {
      let name = "exact"
      let summary = "for tests"
      let base = Registry.named("sequential")!
      var declaration: Declaration { Declaration(offersDouble: false) }
      func refusal(of problem: Problem) -> String? { nil }
      func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
        var evaluation = try base.evaluate(problem, request: Request(arithmetic: .double))
        for (quantity, tensor) in evaluation.results {
          evaluation.results[quantity] = Tensor(shape: tensor.shape, precision: .fp64, values: tensor.values)
        }
        return evaluation
      }
    }
    var plan = Campaign.Plan.small([Exact()], seed: 5, cases: 600)
    #expect(try plan.run().healthProblems.isEmpty == false)
    plan.commands = ["exact": "a command"]
    let summary = try plan.run()
    #expect(summary.healthProblems == [])
    #expect(summary.healthNotes.isEmpty == false)
  }
}
