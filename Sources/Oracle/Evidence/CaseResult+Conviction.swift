import GatedDeltaRule

extension Judgement {
  /// What the evidence of several cases proves.
  init(_ conviction: Conviction, among implementations: Int) {
    let factor = conviction.factor
    var disagreement = Disagreement(
      test: .twin, quantity: conviction.quantity, index: [], expected: 1, found: factor,
      ratio: conviction.logarithm / RunEvidence.threshold(among: implementations), cause: .systematic,
      normError: (factor - 1).magnitude)
    disagreement.systematic = conviction.systematic
    self.init(verdict: .disagrees(disagreement))
    ratios = [conviction.quantity: disagreement.ratio]
  }
}

extension CaseResult {
  /// Of an implementation as a family of cases, or a run, shows it.
  init(convicting implementation: String, _ judgement: Judgement) {
    self.implementation = implementation
    isControl = false
    (self.judgement, evidence, fingerprint) = (judgement, nil, nil)
    (properties, movements, brokenProperty) = ([], [:], nil)
    failure = Failure(judgement, of: implementation)
  }
}
