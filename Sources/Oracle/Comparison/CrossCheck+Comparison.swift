import GatedDeltaRule

/// From an answer to a verdict.
extension CrossCheck {
  /// Judges results that exist already; `double` are those of the same algorithm in fp64, if there are any.
  public func judge(evaluation: Evaluation, double: Evaluation?, declaration: Declaration) -> Judgement {
    for answer in [evaluation, double].compactMap(\.self) {
      if let fault = fault(in: answer) { return Judgement(verdict: .failed(fault)) }
    }
    let exactness = self.exact(for: declaration)
    let (law, working) = governing(declaration) { compareWorking(evaluation, exactness, $0) }
    var exact =
      double.map { double in
        governing(declaration) { compareDouble(double, exactness, $0) }.comparisons
      } ?? []
    var note = unmadeRoundings(declaration, law)
    if let double, working.allSatisfy({ $0.ratio <= 1 }), !exact.allSatisfy({ $0.ratio <= 1 }),
      isExactButForSoftplus(double, declaration: declaration)
    {
      (exact, note) = ([], CrossCheck.softplusNote)
    }

    var judgement = Judgement(verdict: .agrees(ratio: working.map(\.ratio).max() ?? 0))
    judgement.peakBytes = evaluation.peakBytes
    judgement.isOverflow = exactness == nil && bound(for: law).isOverflow
    judgement.isExact = exactness != nil
    judgement.note = note
    judgement.ratios = Dictionary(uniqueKeysWithValues: working.map { ($0.quantity, $0.ratio) })
    judgement.doubleRatios = Dictionary(uniqueKeysWithValues: exact.map { ($0.quantity, $0.ratio) })
    if exact.isEmpty, exactness == nil {
      judgement.uninformative = uninformative(for: law).filter { judgement.ratios[$0] != nil }
    }
    judgement.clampDeviation = deviation(of: evaluation, law)
    if var disagreement = disagreement(evaluation, working, double, exact, law, exactness) {
      if disagreement.cause == .unstable, disagreement.normError <= CrossCheck.deployment {
        disagreement.loss = lossOverDeployment(working, law)
      }
      judgement.verdict = disagreement.isTolerable ? .degraded(disagreement) : .disagrees(disagreement)
    }
    return judgement
  }

  private func compareWorking(
    _ answer: Evaluation, _ exactness: Exact?, _ declaration: Declaration
  ) -> [Comparison] {
    if let exactness { return compareExactly(answer, exactness, declaration) }
    return compare(answer, bound(for: declaration), declaration, arithmetic: .working, scale: 1)
  }

  private func compareDouble(
    _ answer: Evaluation, _ exactness: Exact?, _ declaration: Declaration
  ) -> [Comparison] {
    if exactness == .whole { return compareExactly(answer, .whole, declaration, storedAs: .fp64) }
    return compareDouble(answer, declaration: declaration)
  }

  /// Why an answer is none, or nil.
  func fault(in answer: Evaluation) -> String? {
    for quantity in [Quantity.y, .stateOut] where answer[quantity] == nil {
      return "\(quantity.rawValue) is missing"
    }
    var worst: (quantity: Quantity, fault: String)?
    for (quantity, tensor) in answer.results where quantity.ordinal < worst?.quantity.ordinal ?? .max {
      if let fault = fault(in: quantity, tensor) { worst = (quantity, fault) }
    }
    return worst?.fault
  }

  private func fault(in quantity: Quantity, _ tensor: Tensor) -> String? {
    guard asked.contains(quantity) else {
      return "\(quantity.rawValue) is no gradient of the \(problem.level.rawValue) level"
    }
    if quantity.hasShape(tensor.shape, in: problem.shape) { return nil }
    let expected = quantity.shape(in: problem.shape)
    return InvalidProblem.shape(name: quantity.rawValue, found: tensor.shape, expected: expected).description
  }

  /// - Parameter reference: the rule, unless another one is to be compared with.
  func compareDouble(
    _ answer: Evaluation, declaration: Declaration, with reference: Reference? = nil
  ) -> [Comparison] {
    let isCoarse = [
      declaration.betaPrecision, declaration.decayPrecision, declaration.sigmoidPrecision,
      declaration.queryKeyPrecision ?? .fp32,
    ].contains(where: \.isCoarse)
    // A gate that is rounded on purpose is rounded in fp64 too: its part of the bound does not scale.
    let bound = bound(for: declaration, arithmetic: isCoarse ? .double : .working)
    return compare(
      answer, bound, declaration, arithmetic: .double, scale: isCoarse ? 1 : 0x1p-29, with: reference)
  }

  private func compare(
    _ answer: Evaluation, _ bound: Bound, _ declaration: Declaration, arithmetic: Request.Arithmetic,
    scale: Double, with other: Reference? = nil
  ) -> [Comparison] {
    let reference = other ?? reference(for: declaration)
    return asked.compactMap { quantity in
      guard let found = answer[quantity], let o = reference[quantity], let an = bound[quantity] else {
        return nil
      }
      return Comparison(
        quantity, found: found, reference: o, bound: raised(an, of: quantity, o, declaration),
        partial: bound.partials[quantity], isOverflow: bound.isOverflow, problem: problem,
        storedAs: arithmetic == .working ? found.precision : .fp64, scale: scale)
    }
  }
}
