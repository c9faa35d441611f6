import GatedDeltaRule

/// What one case says of an implementation by comparison with the twins: nothing that convicts by itself, for the most
/// part, but what adds up over a run.
package enum CaseEvidence: Sendable, Hashable {
  /// The twins would have taken more work than a case is given.
  case tooLarge
  /// The twins left the range of their formats, or the case has no room for a direction.
  case silent
  /// What was found, by result.
  case found([ResultEvidence])

  /// How much larger than a result the terms that cancel in it may be: what is left where more is lost depends on
  /// where it cancels, which a form does not say. For a case that is to convict alone it is less.
  static let cancellation = 0x1p20
  static let cancellationAlone = 0x1p10

  /// Multiply-adds that the twins of a case may take: some seconds.
  static let budget = 0x1p30
}

/// What one case says of one result.
package struct ResultEvidence: Sendable, Hashable {
  /// The result.
  package let quantity: Quantity
  /// RMS of the error over the largest of the twins'.
  package let spread: Double
  /// In every direction that there is.
  package let scores: [Score]
  /// The bias that is allowed: a sixteenth of the coarsest unit roundoff.
  package let bias: Double

  /// Of one result.
  package init(quantity: Quantity, spread: Double, scores: [Score], bias: Double) {
    (self.quantity, self.spread, self.scores, self.bias) = (quantity, spread, scores, bias)
  }

  /// Past which an error is called larger than those of what is declared.
  static let largestSpread = 1.5
}

extension ResultEvidence {
  /// Student's quantile with as many degrees of freedom as there are fresh twins, of the error rate of a run split over
  /// everything that is looked for and a million cases.
  static let standingOut = 18.27

  /// Whether one case may convict by itself, if fresh twins say the same.
  var standsOut: Bool { outstanding != nil }

  /// The direction that stands out most, if one does.
  private var outstanding: (score: Score, size: Double)? {
    var best: (score: Score, size: Double)?
    for score in scores {
      for isExcess in [true, false] {
        let size = score.unlimited(isExcess, bias: bias)
        // The whole before its parts.
        if size >= ResultEvidence.standingOut, size > 1.1 * (best?.size ?? 0) { best = (score, size) }
      }
    }
    return best
  }

  /// What a case that convicts by itself shows.
  var disagreement: Disagreement? {
    guard let (score, size) = outstanding else { return nil }
    var disagreement = Disagreement(
      test: .twin, quantity: quantity, index: [], expected: 1, found: 1 + score.gain,
      ratio: size / ResultEvidence.standingOut, cause: .systematic, normError: score.gain.magnitude)
    disagreement.systematic = Disagreement.Systematic(
      direction: Direction.all[score.ordinal].key, cases: 1, larger: nil, logarithm: nil)
    return disagreement
  }

  /// That its errors are larger than those of what is declared; nil if they are not.
  var note: String? {
    let steps = [100.0, 30, 10, 5, 3, 2, ResultEvidence.largestSpread]
    guard let step = steps.first(where: { spread >= $0 }) else { return nil }
    return
      "\(quantity.rawValue) is worse than declared: more than \(Report.number(step)) times the RMS of its twins"
  }
}
