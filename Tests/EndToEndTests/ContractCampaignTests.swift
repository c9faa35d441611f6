import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Support
import Testing

/// What is built in computes whichever rule is asked for, and is held to its bounds and to the properties.
@Suite struct ContractCampaignTests {
  @Test func `no false alarm under drawn contracts`() throws {
    let honest = Registry.all.filter { !$0.declaration.isControl }
    var plan = Campaign.Plan.small(honest, seed: 18, cases: 600)
    plan.profile.contracts = .drawn(share: 1)
    let summary = try plan.run()
    #expect(
      summary.findings.isEmpty,
      "\(summary.findings.prefix(3).map { "\($0.finding.recipe) \($0.finding.implementation)" })")
  }
}
