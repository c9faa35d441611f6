import GatedDeltaRule

/// What one implementation comes to on one problem. Runs, the shrinker, replays and explanations all get it from
/// `CrossCheck.judge`, so that a case has one verdict wherever it is looked at.
public struct CaseResult: Sendable {
  /// The name of the implementation.
  public let implementation: String
  /// Whether it is a control, known to fail.
  public let isControl: Bool
  /// The verdict of the comparison with the reference, and its figures.
  public internal(set) var judgement: Judgement
  /// The property that it violates, if it agrees with the reference.
  public let brokenProperty: BrokenProperty?
  /// How it fails, if it does.
  public let failure: Failure?
  /// The properties that said something of this case, by name, the violated one included.
  public let properties: [String]
  /// How much moved between runs that obey a property within their bounds and need not give the same bits, by its name.
  package let movements: [String: Movement]
  /// What it adds to the evidence of a run; nil where no twin was asked.
  package let evidence: CaseEvidence?
  /// The answer in the working arithmetic, if there is one and it was not let go.
  public private(set) var evaluation: Evaluation?
  /// What its answer is known again by; nil if there is none, or nothing but zeros in it.
  let fingerprint: UInt64?

  /// Of a comparison with the reference alone.
  package init(_ implementation: any Implementation, _ judgement: Judgement) {
    self.init(implementation, judgement, evaluation: nil)
  }

  init(
    _ implementation: any Implementation, _ judgement: Judgement, evaluation: Evaluation?,
    _ held: HeldProperties = HeldProperties(), evidence: CaseEvidence? = nil
  ) {
    self.evidence = evidence
    (self.implementation, isControl) = (implementation.name, implementation.declaration.isControl)
    (self.judgement, self.evaluation) = (judgement, evaluation)
    (properties, movements, brokenProperty) = (held.checked, held.movements, held.broken)
    failure =
      brokenProperty.map { Failure($0, of: implementation.name) }
      ?? Failure(judgement, of: implementation.name)
    // Where nothing has to be rounded all that is right answers the same bits.
    fingerprint = judgement.isExact ? nil : evaluation?.fingerprint
  }

  /// The verdict without its figures. A violated property is a disagreement; no answer to a problem that a property
  /// makes of this one is a failure.
  public var grade: Grade {
    brokenProperty.map { $0.violation == nil ? .failed : .disagrees } ?? judgement.verdict.grade
  }

  /// How it fails or is degraded, as a saved case records it; nil if there is nothing to record.
  var kind: String? { brokenProperty?.name ?? judgement.kind }

  /// The same of an answer that is not given again: its run in fp64 was asked later, and says nothing of its cause.
  func ofEarlierCases() -> CaseResult {
    guard case .disagrees(var disagreement) = judgement.verdict else { return self }
    disagreement.roundoffExponent = nil
    disagreement.isOfEarlierCases = true
    var copy = self
    copy.judgement.verdict = .disagrees(disagreement)
    return copy
  }

  /// The same without the tensors, for what is kept.
  func withoutTensors() -> CaseResult {
    var copy = self
    copy.evaluation = nil
    return copy
  }
}

/// A property that does not hold of an answer.
public struct BrokenProperty: Hashable, Sendable {
  /// The name of the property.
  public let name: String
  /// Where it is violated most; nil where one of its runs gave no answer.
  public let violation: Violation?
  /// Why one of its runs gave no answer.
  public let reason: String?

  /// How far past what rounding allows, 1 being the limit.
  var severity: Double { violation?.ratio ?? .infinity }
}
