import GatedDeltaRule

/// What went wrong, as coarsely as the shrinker must not lose it.
public struct Failure: Hashable, Sendable, Codable {
  /// In which implementation.
  public let implementation: String
  /// Only in the gradients, or already in the outputs.
  public let isBackward: Bool
  /// What kind of failure: a cause of disagreement, `failed`, or the name of a property.
  public let kind: String
  /// The result that was furthest off, if it was one.
  public let quantity: Quantity?
  /// Every result that is past its bound, in the order of the results, or the one that is within it and off all the same;
  /// nil where the failure is not one of results, and in old records.
  public private(set) var results: [Quantity]?
  /// Whether the case alone brings it about.
  public package(set) var isRepeatable = true
  /// How far past the limit, 1 being the limit; infinite where there is no number.
  public private(set) var severity: Double

  /// The kind of an answer that is none.
  static let noAnswer = "failed"
  /// The kind of an answer that came of memory used against the rules, or left it so.
  static let memory = "memory"
  /// The kind of an error within its bound that no honest kernel makes.
  static let systematic = Disagreement.Cause.systematic.rawValue

  /// How far past the limit a shrunken failure stays.
  package static let margin = 10.0

  /// Whether `other` may take this one's place: the same implementation and kind, a result in common, and still severe. Laws of
  /// sessions are of one kind.
  /// A wrong number may take the place of one that is not finite, which is the same fault on another case.
  ///
  /// What barely passes its limit on a small case is often another failure of the same kind (a benign rounding
  /// error, say), so a simpler case must stay `margin` past the limit, or be as severe as the original where that
  /// was closer.
  package func isShown(by other: Failure) -> Bool {
    implementation == other.implementation && isRepeatable == other.isRepeatable
      && (kind == other.kind || isFiniteForm(other) || isKnownForm(other) || areOfSessions(with: other))
      && sharesResult(with: other)
      && other.severity >= min(severity, Failure.margin)
  }

  /// Whether the other is one of which a run in fp64 says more.
  private func isKnownForm(_ other: Failure) -> Bool {
    kind == Disagreement.Cause.unknown.rawValue && other.kind == Disagreement.Cause.wrongFormula.rawValue
  }

  /// Laws of sessions see one fault in several ways.
  private func areOfSessions(with other: Failure) -> Bool {
    [self, other].allSatisfy { Property.named($0.kind)?.isOfSession == true }
  }

  private func isFiniteForm(_ other: Failure) -> Bool {
    kind == Disagreement.Cause.nonFinite.rawValue
      && [Disagreement.Cause.wrongFormula, .unknown].map(\.rawValue).contains(other.kind)
  }

  /// Whether a result is off in both, or what carries the same fault at the other level.
  func sharesResult(with other: Failure) -> Bool {
    guard let results, let others = other.results else { return isBackward == other.isBackward }
    let shared = Set(results.map(\.ofRecurrence))
    return others.contains { shared.contains($0.ofRecurrence) }
  }

  /// What is looked for from now on, after `other` took this one's place: what fails there belongs to the fault as well,
  /// so that one met in the gradients alone is reduced to the same recipe as one met in the outputs.
  package func joined(with other: Failure) -> Failure {
    var joined = other
    joined.severity = severity
    let all = (results ?? []) + (other.results ?? [])
    joined.results = all.isEmpty ? nil : Quantity.allCases.filter(all.contains)
    return joined
  }

  /// Failures of one signature are taken for the same fault while a run counts them.
  package var signature: String {
    if kind == Failure.memory, isRepeatable { return [implementation, kind].joined(separator: " ") }
    let side = isRepeatable ? isBackward ? "backward" : "forward" : "not repeatable"
    return [implementation, kind, side].joined(separator: " ")
  }
}

extension Failure {
  /// How an answer fails to agree with the reference; nil if it does not fail.
  init?(_ judgement: Judgement, of implementation: String) {
    switch judgement.verdict {
    case .agrees, .degraded, .refused: return nil
    case .failed, .memory:
      self.init(
        implementation: implementation, isBackward: false, kind: judgement.kind ?? Failure.noAnswer,
        quantity: nil, isRepeatable: judgement.isRepeatable, severity: .infinity)
    case .disagrees(let disagreement):
      let outputs = [Quantity.y, .stateOut].allSatisfy { quantity in
        judgement.ratios[quantity].map { $0 <= 1 } ?? true
          && judgement.doubleRatios[quantity].map { $0 <= 1 } ?? true
      }
      // An unstable algorithm is measured by how far it passes what a deployment tolerates, as it is graded.
      let severity =
        disagreement.cause == .unstable
        ? max(disagreement.normError / CrossCheck.deployment, disagreement.loss ?? 0) : disagreement.ratio
      self.init(
        implementation: implementation,
        // What is within its bound fails no ratio.
        isBackward: disagreement.test == .twin ? disagreement.quantity.isGradient : outputs,
        kind: disagreement.cause.rawValue,
        quantity: disagreement.quantity,
        results: judgement.failing.isEmpty ? [disagreement.quantity] : judgement.failing,
        severity: severity)
    }
  }

  /// An answer that agrees with the reference and violates a property.
  init(_ broken: BrokenProperty, of implementation: String) {
    self.init(
      implementation: implementation, isBackward: false, kind: broken.name, quantity: nil,
      severity: broken.severity)
  }
}

extension Quantity {
  /// What carries the same fault where the gates are the recurrence's own and time runs forward: what updates the state
  /// from its beginning to its end, transposed, takes the gradient from its end to its beginning.
  fileprivate var ofRecurrence: Quantity {
    switch self {
    case .da, .dA_log, .ddt_bias: .dg
    case .db: .dbeta
    case .dstateIn: .stateOut
    default: self
    }
  }
}
