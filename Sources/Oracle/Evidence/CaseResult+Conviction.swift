import GatedDeltaRule

extension Judgement {
  /// What the evidence of several cases proves.
  init(_ conviction: Conviction, among implementations: Int) {
    var (factor, direction, larger): (Double, String?, Int?) = (.nan, nil, nil)
    switch conviction.kind {
    case .gain(let along, let gain): (direction, factor) = (along.key, gain)
    case .spread(let count): larger = count
    }
    var disagreement = Disagreement(
      test: .twin, quantity: conviction.quantity, index: [], expected: 1, found: factor,
      ratio: conviction.logarithm / RunEvidence.threshold(among: implementations), cause: .systematic,
      normError: (factor - 1).magnitude)
    disagreement.systematic = Disagreement.Systematic(
      direction: direction, cases: conviction.cases, larger: larger, logarithm: conviction.logarithm)
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
