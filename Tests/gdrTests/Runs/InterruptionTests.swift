import Generator
import Oracle
import Support
import Synchronization
import Testing
import gdr

@Suite struct InterruptionTests {
  private final class Switch: Sendable {
    let isOn = Atomic<Bool>(false)
  }

  @Test func `a finding that an interruption met is reported, though its case is taken up again`() throws {
    let interruption = Switch()
    var saved: [Campaign.Found] = []
    let summary = try Campaign.Plan.small([SavedCaseTests.Scaled(factor: 2)], seed: 1, cases: 40).run(
      save: { found in
        saved.append(found)
        interruption.isOn.store(true, ordering: .relaxed)
      },
      isInterrupted: { interruption.isOn.load(ordering: .relaxed) })
    #expect(saved.count == 1)
    #expect(summary.wasInterrupted)
    #expect(summary.findings.isEmpty)
    #expect(summary.unfinished == saved)
    let lines = Report.lines(summary)
    #expect(lines.contains("1 finding") && !lines.contains("no findings"))
    #expect(lines.contains("  " + Report.replayLine(try #require(saved.first))))
    #expect(lines[0].hasSuffix("; interrupted, everything is saved"))
    #expect(ExitCode(summary, []) == .findings)
  }

  @Test func `an interruption without findings has a code of its own, and one to the end has none`() throws {
    let plan = Campaign.Plan.small([SavedCaseTests.Scaled(factor: 1)], seed: 1, cases: 4)
    let interrupted = try plan.run(isInterrupted: { true })
    #expect(interrupted.wasInterrupted && ExitCode(interrupted, []) == .interrupted)
    #expect(ExitCode(try plan.run(), []) == nil)
  }
}
