import GatedDeltaRule

extension CaseResult {
  /// How the answer to a problem fails that the violated property makes of the case; nil where that is right too, and where
  /// no property is violated.
  package func underlying(of implementation: any Implementation, on check: CrossCheck) -> Failure? {
    guard let broken = brokenProperty, broken.violation != nil, let property = Property.named(broken.name)
    else { return nil }
    let runs = PropertyRuns(
      implementation, on: check.problem,
      exactness: Exactness(implementation.declaration(for: check.problem)), seed: check.seed, check: check,
      evaluation: evaluation)
    runs.comparesAnswers = true
    _ = property.check(runs)
    return runs.wrongAnswer
  }
}
