import GatedDeltaRule
import Generator
import Oracle

/// How small a fault a run like this one sees, from a sample of its own cases.
struct JudgePower {
  private let power: RunPower
  private let cases: Int

  /// Multiply-adds of twins of one case, and cases of a sample.
  private static let work = 0x1p26, sample = 16

  /// - Parameters:
  ///   - cases: of the run.
  ///   - end: when to be content with what is known.
  init(
    _ plan: Campaign.Plan, of implementation: any Implementation, cases: Int,
    until end: ContinuousClock.Instant
  ) {
    var known: [CasePower] = []
    for index in 0..<UInt64(JudgePower.sample) where .now < end && !Interruption.isRequested {
      let recipe = Recipe.draw(seed: plan.seed, index: index, profile: plan.profile)
      guard recipe.calls == nil, let check = try? CrossCheck(recipe),
        check.problem.shape.B * check.problem.shape.T * check.problem.shape.Hv <= 1 << 10,
        implementation.refusal(of: check.problem) == nil
      else { continue }
      var declaration = implementation.declaration(for: check.problem)
      declaration.offersDouble = false
      if let one = check.power(for: declaration, work: JudgePower.work) { known.append(one) }
    }
    (power, self.cases) = (RunPower(known), cases)
  }

  /// The smallest relative fault in all of a result that half of such runs see; nil where the sample says nothing of it.
  func smallestFault(in quantity: Quantity) -> Double? {
    guard cases > 0 else { return nil }
    let fault = power.inRun(of: cases, CasePower.Subject(quantity, .all))?.fault
    // What a run sees only where a result is twice what it should be is no power.
    return fault.flatMap { $0 < 1 ? $0 : nil }
  }
}
