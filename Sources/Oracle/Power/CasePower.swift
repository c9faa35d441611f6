import GatedDeltaRule

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
  /// What the verdict of the case finds by its bound, or by being exact, is found by asking the judge again and again.
  /// What twins find follows from the same scores as the judge's: gains are linear in f, but for the roundings of the
  /// results. Both the usual twins and the fresh ones must show it.
  ///
  /// Nil where the honest answer leaves the range of its formats or disagrees, or where twins would take more
  /// multiply-adds than this.
  package func power(for declaration: Declaration, work: Double = .infinity) -> CasePower? {
    let faults = PlantedFaults(self, declaration)
    let judgement = judge(evaluation: faults.honest, double: nil, declaration: declaration)
    guard faults.honest.results.values.allSatisfy(\.isFinite), case .agrees = judgement.verdict,
      let twins = twins(declaration, faults.honest, judgement, work: work)
    else { return nil }
    var entries: [CasePower.Subject: CasePower.Entry] = [:]
    for quantity in asked {
      guard let o = reference(for: declaration)[quantity], let answer = faults.honest[quantity] else {
        continue
      }
      let evidence = twins.evidence(quantity, answer)
      let mayConvictAlone = evidence != nil && mayConvictAlone(quantity, declaration)
      for extent in FaultExtent.allCases {
        let subject = CasePower.Subject(quantity, extent)
        let elements = faults.elements(of: subject)
        guard !elements.isEmpty else { continue }
        let alone = Sensitivity.smallest { fault in
          let wrong = faults.shortest(with: fault, in: subject, elements)
          if case .agrees = judge(evaluation: wrong, double: nil, declaration: declaration).verdict {
            return false
          }
          return true
        }
        let sensitivity = Sensitivity(fault: alone, yardstick: judgement.isExact ? .exact : .bound)
        let trends = twins.trends(evidence, o, answer, faults.unit(in: subject, elements))
        let byTwins =
          !mayConvictAlone
          ? nil
          : trends.map { trends in
            Sensitivity.smallest {
              trends.usual.evidence($0).standsOut && trends.fresh.evidence($0).standsOut
            }
          }
        entries[subject] = .init(
          sensitivity: .smaller(sensitivity, Sensitivity(fault: byTwins ?? .infinity, yardstick: .twins)),
          trend: trends?.usual)
      }
    }
    return CasePower(entries: entries, isExact: judgement.isExact, hasTwins: twins.errors != nil)
  }

  /// The twins that the judge compares an honest answer with; nil where they would take too long.
  private func twins(
    _ declaration: Declaration, _ answer: Evaluation, _ judgement: Judgement, work: Double
  ) -> PowerTwins? {
    guard let quantities = resultsKnownToTwins(answer, judgement, declaration), !quantities.isEmpty else {
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
