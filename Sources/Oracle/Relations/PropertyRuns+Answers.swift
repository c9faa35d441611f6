import GatedDeltaRule

/// From an evaluation to what it may be off by.
extension PropertyRuns {
  /// The answer of another implementation to the problem as given.
  func answer(of peer: any Implementation) throws -> Answer {
    if let reason = peer.refusal(of: problem) { throw Inapplicable("\(peer.name) refused: \(reason)") }
    evaluations += 1
    let evaluation = try peer.evaluate(problem, request: Request(arithmetic: arithmetic))
    let declaration = peer.declaration(for: problem, answering: evaluation)
    return answer(evaluation, check, bounded: true, declaration: declaration)
  }

  /// An answer to the problem of `check`, with what it may be off by if it is to be bounded.
  func answer(
    _ evaluation: Evaluation, _ check: CrossCheck, bounded: Bool, declaration: Declaration? = nil
  ) -> Answer {
    let decay = check.problem.shape.decayKind
    let declaration = declaration ?? self.declaration(of: check, evaluation)
    let areFinite = evaluation.results.values.allSatisfy(\.isFinite)
    if !areFinite, check.leavesRange(evaluation, declaration) { hasLeftRange = true }
    let values = PerQuantity(evaluation.results)
    guard bounded else { return Answer(decay: decay, values: values, tolerances: PerQuantity()) }
    let hasGradients = evaluation.results.keys.contains(where: \.isGradient)
    let shared = check.tolerances(for: declaration, arithmetic: arithmetic, gradients: hasGradients)
    var tolerances = PerQuantity<Tensor>()
    for (quantity, found) in evaluation.results {
      if isPlain(found, declaration), areFinite || found.isFinite {
        tolerances[quantity] = shared[quantity]
      } else if let an = check.allowance(quantity, for: declaration, arithmetic: arithmetic) {
        tolerances[quantity] = tolerance(found, an)
      }
    }
    return Answer(decay: decay, values: values, tolerances: tolerances)
  }

  /// Whether what a result of numbers may be off by depends on nothing in it.
  private func isPlain(_ found: Tensor, _ declaration: Declaration) -> Bool {
    !(declaration.floor > 0) && found.precision.unitRoundoff <= Precision.fp32.unitRoundoff
  }

  /// A and what storing the result costs: where the truth is not known, by what was answered.
  private func tolerance(_ found: Tensor, _ an: Tensor) -> Tensor {
    let allowance = Comparison.Allowance(Comparison.Format(found.precision))
    var allowed = an
    for i in allowed.values.indices { allowed.values[i] = allowance.of(found.values[i], an.values[i]) }
    return allowed
  }
}
