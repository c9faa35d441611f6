import GatedDeltaRule
import Twin

/// What one case shows of planted faults: for each result and each extent, the smallest that its verdict finds, and what
/// the case adds to the evidence of a run with any.
package struct CasePower: Sendable {
  /// A result and how much of it is wrong.
  package struct Subject: Hashable, Sendable {
    package let quantity: Quantity
    package let extent: FaultExtent

    package init(_ quantity: Quantity, _ extent: FaultExtent) {
      (self.quantity, self.extent) = (quantity, extent)
    }
  }

  /// What one case shows of one subject.
  struct Entry: Sendable {
    let sensitivity: Sensitivity
    let trend: EvidenceTrend?
  }

  /// Those results that have an element other than zero.
  let entries: [Subject: Entry]
  /// Whether nothing has to be rounded in it.
  package let isExact: Bool
  /// Whether twins were asked about it.
  package let hasTwins: Bool

  /// What the case finds by itself.
  package func sensitivity(_ subject: Subject) -> Sensitivity? { entries[subject]?.sensitivity }
}

extension CrossCheck {
  /// What this case shows of faults in answers of an honest implementation that declares this and has no run in fp64.
  ///
  /// The honest answer is that of a twin of its own seed, before it is stored; a fault multiplies a part of it by 1 + f;
  /// then it is rounded to the format that it is stored in, to nearest. What the verdict of the case finds by its bound,
  /// or by being exact, is found by asking the judge again and again. What twins find follows from the same scores as the
  /// judge's: gains are linear in f, but for the roundings of the results. Both the usual twins and the fresh ones must
  /// show it.
  ///
  /// Nil where the honest answer leaves the range of its formats or disagrees, or where twins would take more work than
  /// this.
  package func power(for declaration: Declaration, work: Double = .infinity) -> CasePower? {
    let form = TwinForm.usual(for: declaration, inputs: problem.primals.q.precision)[0]
    let storage = TwinForm.storage(inputs: problem.primals.q.precision)
    func store(_ tensor: Tensor, _ quantity: Quantity) -> Tensor {
      tensor.rounded(to: storage[quantity] ?? .fp32)
    }
    let isExact = exact(for: declaration) != nil
    let honest =
      isExact
      ? values(of: reference(for: declaration)) : unstored(form).results(seed: seed &+ CrossCheck.answerSeed)
    var stored: [Quantity: Tensor] = [:]
    for quantity in asked { stored[quantity] = honest[quantity].map { store($0, quantity) } }
    let answer = Evaluation(results: stored)
    let judgement = judge(evaluation: answer, double: nil, declaration: declaration)
    guard stored.values.allSatisfy(\.isFinite), case .agrees = judgement.verdict else { return nil }
    guard let twins = twins(declaration, answer, judgement, work: work) else { return nil }
    var entries: [CasePower.Subject: CasePower.Entry] = [:]
    for quantity in asked {
      guard let o = reference(for: declaration)[quantity], let plain = honest[quantity],
        let right = stored[quantity]
      else { continue }
      let evidence = twins.evidence(quantity, right)
      for extent in FaultExtent.allCases {
        let elements = extent.elements(of: quantity, o, on: problem, seed: seed)
        guard !elements.isEmpty else { continue }
        let inCase = Sensitivity.smallest { fault in
          var wrong = right
          for i in elements { wrong.values[i] = right.precision.round(plain.values[i] * (1 + fault)) }
          var results = [Quantity.y: stored[.y], .stateOut: stored[.stateOut]].compactMapValues(\.self)
          results[quantity] = wrong
          let found = judge(evaluation: Evaluation(results: results), double: nil, declaration: declaration)
          if case .agrees = found.verdict { return false }
          return true
        }
        var sensitivity =
          inCase.isFinite
          ? Sensitivity(fault: inCase, yardstick: isExact ? .exact : .bound) : .none
        var fault = [Double](repeating: 0, count: o.values.count)
        for i in elements { fault[i] = plain.values[i] }
        let trends = twins.trends(evidence, o, right, fault)
        if let trends {
          let byTwins = Sensitivity.smallest {
            trends.usual.evidence($0).standsOut && trends.fresh.evidence($0).standsOut
          }
          if byTwins.isFinite {
            sensitivity = .smaller(sensitivity, Sensitivity(fault: byTwins, yardstick: .twins))
          }
        }
        entries[.init(quantity, extent)] = .init(sensitivity: sensitivity, trend: trends?.usual)
      }
    }
    return CasePower(entries: entries, isExact: isExact, hasTwins: twins.errors != nil)
  }

  /// Of the twin that answers: another than those that answers are compared with.
  private static let answerSeed: UInt64 = 0x5bd1_e995_9d1c_a3b7

  private func values(of reference: Reference) -> PerQuantity<Tensor> {
    var values = PerQuantity<Tensor>()
    for quantity in asked { values[quantity] = reference[quantity] }
    return values
  }

  private func unstored(_ form: TwinForm) -> Twin {
    var form = form
    for quantity in Quantity.allCases { form.storage[quantity] = .fp32 }
    return Twin(problem, form: form)
  }

  /// The twins that the judge compares an honest answer with; nil where they would take too long.
  private func twins(
    _ declaration: Declaration, _ answer: Evaluation, _ judgement: Judgement, work: Double
  ) -> PowerTwins? {
    let quantities = resultsForTwins(declaration, hasDouble: false)
    guard !quantities.isEmpty, !judgement.isExact, !judgement.isOverflow, problem.shape.T > 0 else {
      return PowerTwins(errors: nil, projections: PerQuantity(), bias: 0)
    }
    let runs = TwinRuns.usual(problem, declaration, answer)
    guard runs.work * Double(TwinRuns.usual + TwinRuns.fresh) <= min(work, CaseEvidence.budget) else {
      return nil
    }
    return PowerTwins(
      errors: (
        TwinErrors(runs, seed: seed, count: TwinRuns.usual),
        TwinErrors(runs, seed: ~seed, count: TwinRuns.fresh)
      ), projections: projections(of: quantities, declaration),
      bias: Score.allowedBias * coarsestRoundoff(declaration, answer))
  }
}

/// The twins of one case, and how errors are projected; none where they are not asked.
private struct PowerTwins {
  let errors: (usual: TwinErrors, fresh: TwinErrors)?
  let projections: PerQuantity<Projection>
  let bias: Double

  /// What they say of the honest answer.
  func evidence(_ quantity: Quantity, _ answer: Tensor) -> (usual: ResultEvidence, fresh: ResultEvidence)? {
    guard let errors, let projection = projections[quantity],
      let usual = errors.usual.evidence(of: answer, quantity, projection, bias: bias),
      let fresh = errors.fresh.evidence(of: answer, quantity, projection, bias: bias)
    else { return nil }
    return (usual, fresh)
  }

  /// And of faults in it.
  func trends(
    _ evidence: (usual: ResultEvidence, fresh: ResultEvidence)?, _ reference: Tensor, _ answer: Tensor,
    _ fault: [Double]
  ) -> (usual: EvidenceTrend, fresh: EvidenceTrend)? {
    guard let evidence, let projection = projections[evidence.usual.quantity] else { return nil }
    func trend(_ honest: ResultEvidence) -> EvidenceTrend {
      EvidenceTrend(honest, projection, reference, answer: answer, fault: fault)
    }
    return (trend(evidence.usual), trend(evidence.fresh))
  }
}
