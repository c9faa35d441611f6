import GatedDeltaRule
import Generator
import Oracle
import Support
import Testing

/// What is right on a case may have been found without computing it: probes say so, and leave who computes alone.
@Suite struct ProbeTests {
  /// A blind run, and what its probes came to.
  private func probed(_ cheat: Cheat, cases: Int = 60) throws -> (
    summary: Campaign.Summary, tallies: [Probe: ProbeTally], blind: Blind
  ) {
    let blind = Blind(cheat, seed: 7)
    var plan = Campaign.Plan.small([blind], seed: 11, cases: cases)
    plan.profile.sessionShare = 0
    let summary = try plan.run()
    return (summary, blind.tallies, blind)
  }

  private func broken(_ tallies: [Probe: ProbeTally]) -> Set<Probe> {
    Set(tallies.filter { $0.value.broken > 0 }.keys)
  }

  @Test func `an honest kernel passes every probe, and each is made`() throws {
    let (summary, tallies, _) = try probed(.honest, cases: 120)
    #expect(summary.findings.isEmpty)
    #expect(broken(tallies).isEmpty)
    for probe in [Probe.order, .change, .repeat, .stale, .constant] {
      #expect(tallies[probe]?.asked ?? 0 > 0, "\(probe)")
    }
  }

  @Test func `an answer that is remembered by the shape is that of an earlier problem`() throws {
    let (summary, tallies, _) = try probed(.byShape)
    #expect(broken(tallies).contains(.stale))
    #expect(!summary.findings.isEmpty)
  }

  @Test func `a wrong answer that does not depend on what changed is not remembered`() throws {
    let (summary, tallies, _) = try probed(.faulty)
    #expect(!summary.findings.isEmpty)
    #expect(broken(tallies).isSubset(of: [.constant]))
  }

  @Test func `an answer that is remembered by sums is wrong where two values change places`() throws {
    let (_, tallies, _) = try probed(.bySums)
    #expect(broken(tallies).contains(.change))
  }

  @Test func `what computes for so many calls only is wrong where it is asked again`() throws {
    let (_, tallies, _) = try probed(.afterCalls, cases: 120)
    #expect(broken(tallies).contains(.repeat))
    #expect(broken(tallies).isDisjoint(with: [.order, .change]))
  }

  @Test func `a gradient of one number is one`() throws {
    let (_, tallies, _) = try probed(.constant)
    #expect(broken(tallies).contains(.constant))
    #expect(tallies[.constant]?.detail == "dq is 1")
  }

  @Test func `what is refused for its values is told from what is refused for its sizes`() throws {
    let (_, tallies, blind) = try probed(.choosy)
    #expect(broken(tallies) == [.tame])
    #expect(blind.refusalsByValue["too hard"] ?? 0 > 0)
  }

  @Test func `what is refused for what went before is told from both`() throws {
    let (_, tallies, _) = try probed(.tired)
    #expect(broken(tallies).contains(.whim))
    #expect(broken(tallies).isSubset(of: [.whim, .tame]))
  }

  @Test func `zeros of some values alone are no constant`() throws {
    let (summary, tallies, _) = try probed(.forgetful, cases: 120)
    #expect(!summary.findings.isEmpty)
    #expect(broken(tallies).isEmpty)
  }

  @Test func `what is right where it is told the case, and wrong where it is not, is found out`() throws {
    let (summary, _, blind) = try probed(.informed, cases: 6)
    let found = try #require(summary.findings.first)
    blind.examine(found.origin)
    #expect(blind.tallies[.recipe]?.broken == 1)
    #expect(blind.tallies[.precision]?.broken == 0)
  }

  @Test func `operands that are rounded and not declared are known for it`() throws {
    let (summary, _, blind) = try probed(.coarse, cases: 12)
    let found = try #require(summary.findings.first { $0.origin.precision == .fp32 })
    blind.examine(found.origin)
    #expect(blind.tallies[.precision]?.broken == 1)
    #expect(blind.tallies[.recipe]?.broken == 0)
  }
}
