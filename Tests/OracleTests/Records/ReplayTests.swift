import GatedDeltaRule
import Generator
import Oracle
import Synchronization
import Testing

/// The reference in fp32, with one fault.
private struct Faulty: Implementation {
  enum Fault: Hashable { case none, forwardDiffers, wrong, throwsForward, refuses }

  let name = "faulty"
  let fault: Fault
  var declaration: Declaration { Declaration(offersDouble: false) }
  var summary: String { "for tests" }

  func refusal(of problem: Problem) -> String? { fault == .refuses ? "takes nothing" : nil }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    if fault == .throwsForward, !request.gradients { throw Breakdown("no forward pass alone") }
    var answer = Reference(problem).evaluation
    for (quantity, tensor) in answer.results { answer.results[quantity] = tensor.rounded(to: .fp32) }
    let isOff = fault == .wrong || (fault == .forwardDiffers && !request.gradients)
    if isOff, let y = answer.results[.y] {
      answer.results[.y] = Tensor(shape: y.shape, values: y.values.map { Double(Float($0 + 1)) })
    }
    return answer
  }
}

/// One path from a recipe to a result: what judges a case also saves it and replays it.
@Suite struct ReplayTests {
  private func recipe() throws -> Recipe {
    try Recipe("v1/B1-T3-Hk1-Hv1-Dk2-Dv2/keys=random/decay=-1/write=0.5/f32/seed=1")
  }

  private func judge(_ fault: Faulty.Fault, _ properties: PropertySelection = .all) throws -> CaseResult {
    try CrossCheck(recipe()).judge(Faulty(fault: fault), properties: properties)
  }

  private func replay(_ finding: Finding, by fault: Faulty.Fault) -> Replay {
    Replay.evaluate(finding, file: "known/x.json", by: Faulty(fault: fault)).replay
  }

  @Test func `an answer that violates a property alone disagrees, and says which`() throws {
    let result = try judge(.forwardDiffers)
    #expect(result.judgement.verdict.grade == .agrees && result.grade == .disagrees)
    #expect(result.failure?.kind == "forward-only" && result.failure?.severity ?? 0 > 1e3)
    #expect(result.properties.last == "forward-only")
    #expect(Report.sentence(result).hasPrefix("matches the reference but violates property forward-only: y["))
    #expect(try judge(.forwardDiffers, .none).failure == nil)
    #expect(try judge(.forwardDiffers, .showing(kind: "repeated")).failure == nil)
    #expect(try judge(.none).failure == nil)
  }

  @Test func `a property whose run gives no answer is violated, with the reason`() throws {
    let result = try judge(.throwsForward)
    #expect(result.grade == .failed && result.failure?.kind == "forward-only")
    #expect(result.brokenProperty?.violation == nil)
    #expect(try result.brokenProperty?.reason == "no forward pass alone, on \(recipe().render().shape)")
    #expect(Report.sentence(result).contains("no forward pass alone"))
  }

  @Test func `a saved violation replays as recorded, and any other end is a change`() throws {
    let finding = try Finding(recipe(), judge(.forwardDiffers), why: "for tests")
    #expect(finding.expectation == .disagrees && finding.kind == "forward-only" && finding.ratio == nil)
    #expect(replay(finding, by: .forwardDiffers).outcome == .same)
    for (fault, detail) in [
      (Faulty.Fault.none, "satisfies forward-only now"), (.wrong, "was forward-only, now unknown"),
      (.refuses, "is refused now: takes nothing"),
    ] {
      let replay = replay(finding, by: fault)
      #expect(replay.outcome == .changed && replay.detail.hasPrefix(detail + "; faulty "), "\(replay.detail)")
    }
    #expect(Replay.evaluate(finding, file: "x", by: nil).replay.outcome == .notEvaluated)
  }

  /// Its kind stays in the file when it moves to the shelf of what must pass.
  @Test func `a violation that was fixed must not come back`() throws {
    var finding = try Finding(recipe(), judge(.forwardDiffers), why: "for tests")
    finding.expectation = .agrees
    #expect(replay(finding, by: .none).outcome == .same)
    let back = replay(finding, by: .forwardDiffers)
    #expect(back.outcome == .changed && back.detail.hasPrefix("recorded as agrees, now disagrees; "))
  }

  @Test func `a recipe that renders to other tensors is not the saved case`() throws {
    var finding = try Finding(recipe(), judge(.none), why: "for tests")
    finding.digest = "0123456789abcdef"
    let replay = replay(finding, by: .none)
    #expect(replay.outcome == .unreadable && replay.detail.hasSuffix("recorded 0123456789abcdef"))
  }

  @Test func `a finding reduces to what it is saved and replayed as`() throws {
    var plan = Campaign.Plan(implementations: [Faulty(fault: .forwardDiffers)], seed: 1)
    (plan.profile, plan.cases, plan.shrunkPerSignature) = (.small, 200, 1)
    let summary = try Campaign(plan).run(save: { _ in }, report: { _ in }, isInterrupted: { false })
    let found = try #require(summary.findings.first)
    let kind = try #require(found.finding.kind)
    #expect(Property.named(kind) != nil && found.finding.expectation == .disagrees)
    #expect(found.shrunk.isMinimal && found.sentence.contains("violates property \(kind): "))
    #expect(replay(found.finding, by: .forwardDiffers).outcome == .same)
    let tally = try #require(summary.tallies.first)
    #expect(tally.disagrees == tally.violated.values.reduce(0, +) && tally.disagrees > 0)
  }

  /// A violation that does not come again is saved as what it was, not as a case that agrees.
  @Test func `what does not reproduce is saved as it was met`() throws {
    var plan = Campaign.Plan(implementations: [Stale()], seed: 5)
    (plan.profile, plan.cases) = (.small, 200)
    let summary = try Campaign(plan).run(save: { _ in }, report: { _ in }, isInterrupted: { false })
    let found = try #require(summary.findings.first)
    #expect(summary.findings.count == 1 && !found.shrunk.failure.isRepeatable)
    #expect(found.finding.kind.map { Property.named($0) } != nil && found.finding.expectation == .disagrees)
    #expect(Report.reduction(found) == "not reduced: does not reproduce on its own, depends on earlier cases")
  }

  @Test func `nothing is said of rounding where the same case is right when it is asked again`() throws {
    var plan = Campaign.Plan(implementations: [Stale(.wrong)], seed: 1)
    (plan.profile, plan.cases) = (.small, 20)
    let summary = try Campaign(plan).run(save: { _ in }, report: { _ in }, isInterrupted: { false })
    let found = try #require(summary.findings.first)
    #expect(!found.shrunk.failure.isRepeatable)
    #expect(found.sentence.contains("something is left of earlier ones"), "\(found.sentence)")
    #expect(!found.sentence.contains("fp64"))
  }

  /// At fault until it starts afresh.
  private final class Stale: Implementation {
    private let fault: Faulty.Fault
    init(_ fault: Faulty.Fault = .forwardDiffers) { self.fault = fault }

    private let isFresh = Atomic<Bool>(false)
    var name: String { "stale" }
    var summary: String { "for tests" }
    var declaration: Declaration { Declaration(offersDouble: false) }
    func refusal(of problem: Problem) -> String? { nil }
    func startAfresh() { isFresh.store(true, ordering: .relaxed) }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      let fault: Faulty.Fault = isFresh.load(ordering: .relaxed) ? .none : self.fault
      return try Faulty(fault: fault).evaluate(problem, request: request)
    }
  }
}
