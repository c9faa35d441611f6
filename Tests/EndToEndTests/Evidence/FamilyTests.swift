import Foundation
import GatedDeltaRule
import Generator
import Oracle
import Support
import Testing

/// What many cases show together: found by a run, saved, and replayed by fresh cases of its family.
@Suite struct FamilyTests {
  private let kernel = CoarseKernel(.bf16, length: 16)
  private var faulty: CoarseKernel { kernel.with(CoarseGain(.y, 0.006)) }

  private func recipe() throws -> Recipe {
    try Recipe("v1/B1-T24-Hk1-Hv2-Dk8-Dv8/keys=random/decay=-0.1/write=0.5/bf16/seed=1")
  }

  private func plan(_ kernel: CoarseKernel, cases: Int = 80) throws -> Campaign.Plan {
    var plan = Campaign.Plan.small([MildDecay(kernel)], seed: 5, cases: cases)
    plan.profile.families = [try Family("Hk1-Hv2-Dk8-Dv8/bf16")]
    (plan.profile.exactShare, plan.jobs) = (0, 2)
    return plan
  }

  @Test func `fresh cases of a family show a gain, and no more of them are drawn than it takes`() throws {
    let trial = try FamilyTrial(recipe(), faulty, limit: 64)
    #expect(trial.result.failure?.kind == "systematic error")
    #expect((2..<32).contains(trial.cases) && trial.compared == trial.cases)
    #expect(Report.sentence(trial.result).contains("y is 1.0"))
    let honest = try FamilyTrial(recipe(), kernel, limit: 24)
    #expect(honest.result.failure == nil && honest.cases == 24)
  }

  @Test func `a run convicts what it saves and a replay judges by the family`() throws {
    let summary = try plan(faulty).run()
    let names = summary.findings.map { $0.finding.kind ?? "" }
    let found = try #require(summary.findings.first { $0.finding.evidence != nil }, "\(names)")
    #expect(found.finding.format == 4 && found.finding.expectation == .disagrees)
    #expect(Report.replayLine(found).hasPrefix("gdr replay --family v1/"))
    let lines = Report.lines(summary).joined(separator: "\n")
    #expect(lines.contains("FAILS") && lines.contains("1.00e-09 a run, split over"))
    let saved = try Finding(decoding: found.finding.encoded())
    #expect(Replay.evaluate(saved, file: "f", by: faulty).replay.outcome == .same)
    let mended = Replay.evaluate(saved, file: "f", by: kernel)
    #expect(mended.replay.outcome == .changed && mended.grade == .agrees)
  }

  @Test func `what one case shows by itself is asked again, shown again and reduced`() throws {
    let summary = try plan(kernel.with(CoarseGain(.y, 0.03)), cases: 24).run()
    let found = try #require(
      summary.findings.first { $0.finding.kind == "systematic error" && $0.finding.evidence == nil },
      "\(summary.findings.map(\.sentence))")
    #expect(found.shrunk.failure.isRepeatable && found.shrunk.evaluations > 0)
    #expect(found.sentence.contains("in this case alone") && !found.sentence.contains("left of earlier"))
  }

  @Test func `an honest run says how many cases it compared and finds nothing`() throws {
    let summary = try plan(kernel).run()
    #expect(summary.findings.isEmpty)
    let evidence = try #require(summary.tallies.first?.evidence)
    #expect(evidence.cases > 5)
    #expect(
      Report.lines(summary).contains {
        $0.contains("\(evidence.cases) cases") && $0.contains("no systematic")
      })
  }

  @Test func `the evidence of shards is that of the run to the byte`() throws {
    func record(_ shard: Int, of count: Int) throws -> Record {
      var plan = try self.plan(faulty, cases: 30)
      (plan.shard, plan.shards) = (shard, count)
      var part = Record.Part(shard: shard + 1, clock: Record.Clock(started: 1))
      part.ledger = try plan.run().ledger
      return Record(plan: Record.Plan(plan), part: part)
    }
    let whole = try record(0, of: 1)
    let merged = try record(0, of: 3).union(record(2, of: 3)).union(record(1, of: 3))
    #expect(whole.total.ledger.tallies.first?.evidence?.cases ?? 0 > 5)
    #expect(merged.total.ledger == whole.total.ledger)
    #expect(merged.total.summary.findings == whole.total.summary.findings)
    #expect(try Record(decoding: merged.encoded()) == merged)
    // And going on after an interruption.
    var plan = try self.plan(faulty, cases: 30)
    plan.cases = 12
    let first = try plan.run()
    plan.cases = 30
    #expect(try plan.run(resuming: first.ledger).ledger == whole.total.ledger)
  }
}
