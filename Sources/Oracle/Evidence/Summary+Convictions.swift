import GatedDeltaRule
import Generator

extension Campaign.Summary {
  /// What the evidence of the run convicts, one finding for each implementation: the strongest, with the case that shows
  /// it best. It follows from sums over cases alone, so that the parts of a run come to what the run in one comes to.
  ///
  /// Controls have faults that a case shows.
  package var convicted: [Campaign.Found] {
    tallies.filter { !$0.isControl }.compactMap { tally in
      let convictions = tally.evidence?.convictions(among: plan.underTest) ?? []
      let isKnown = ledger.findings.contains {
        $0.finding.implementation == tally.implementation && $0.finding.kind == Failure.systematic
      }
      guard let first = convictions.first, let index = first.index, !isKnown else { return nil }
      return found(first, of: tally.implementation, at: index, others: Array(convictions.dropFirst()))
    }
  }

  private func found(
    _ conviction: Conviction, of name: String, at index: Int, others: [Conviction]
  ) -> Campaign.Found? {
    let recipe = Recipe.draw(seed: plan.seed, index: UInt64(max(0, index)), profile: plan.profile)
    let result = CaseResult(
      convicting: name, Judgement(conviction, among: plan.underTest))
    guard let failure = result.failure,
      var finding = try? Finding(recipe, result, why: Report.why(result))
    else { return nil }
    finding.ratio = nil
    finding.evidence = Finding.Evidence(cases: conviction.casesOfReplay)
    let shrunk = Shrinker.Result(recipe: recipe, failure: failure, evaluations: 0, isMinimal: false)
    var found = Campaign.Found(
      finding: finding, index: index, origin: recipe, signature: failure.signature, shrunk: shrunk,
      sentence: Report.sentence(result), isControl: false)
    found.against = plan.replayFlags(of: name)
    found.explanation = others.map { "also convicted: " + Report.sentence($0) }
    return found
  }
}

extension Record.Plan {
  /// Implementations that are not known to fail: the error rate of the run is split over them.
  var underTest: Int { implementations.count { !$0.isControl } }
}

extension Conviction {
  /// Cases of its family that a replay draws at most: twice as many as convicted the run, and not so few that chance
  /// decides.
  var casesOfReplay: Int { min(4096, max(64, 2 * cases)) }
}
