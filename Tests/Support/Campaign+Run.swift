import GatedDeltaRule
import Generator
import Oracle

extension Campaign.Plan {
  /// A plan of so many small cases.
  package static func small(_ implementations: [any Implementation], seed: UInt64, cases: Int?)
    -> Campaign.Plan
  {
    var plan = Campaign.Plan(implementations: implementations, seed: seed)
    (plan.profile, plan.cases) = (.small, cases)
    return plan
  }

  /// Runs it to its end; unless somebody asks for it, nothing is saved or shown.
  ///
  /// - Throws: what `save` and `report` throw.
  package func run(
    resuming ledger: Campaign.Ledger = Campaign.Ledger(), after spent: Duration = .zero,
    save: (inout Campaign.Found) throws -> Void = { _ in },
    report: (Campaign.Progress) throws -> Void = { _ in },
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) throws -> Campaign.Summary {
    try Campaign(self).run(
      resuming: ledger, after: spent, save: save, report: report, isInterrupted: isInterrupted)
  }
}
