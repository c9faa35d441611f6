import GatedDeltaRule

/// How far a state is from the rule's after so many tokens.
package struct DriftPoint: Hashable, Sendable, Codable {
  /// Tokens behind it.
  package let tokens: Int
  /// ||S - S_ref|| / ||S_ref|| in the Frobenius norm, of the implementation's state.
  package let error: Double
  /// What it may be.
  package let bound: Double
  /// What it is for honest evaluations with their roundings placed at random; nil where there are none.
  package let twin: Double?

  package init(tokens: Int, error: Double, bound: Double, twin: Double?) {
    (self.tokens, self.error, self.bound, self.twin) = (tokens, error, bound, twin)
  }

  /// Whether it is what may be; a NaN is not.
  package var isWithinBound: Bool { error <= bound }

  /// The error over the twins'; nil without twins, or where they make none.
  package var timesTwin: Double? { twin.flatMap { $0 > 0 ? error / $0 : nil } }

  /// Whether it is far above what is declared.
  package var isWorseThanDeclared: Bool { !((timesTwin ?? 0) <= DriftPoint.honest) }

  /// So many times the twins' error is nothing to speak of: a form whose roundings lie at other places.
  package static let honest = 4.0
}

/// The states of an implementation along a sequence, in calls of one length.
package struct DriftCourse: Hashable, Sendable, Codable {
  /// Why there are no more points.
  package enum End: Hashable, Sendable, Codable {
    case complete
    /// Its time was over after so many tokens.
    case outOfTime(tokens: Int)
    /// It does not take such a problem.
    case refused(String)
    /// It gave no answer.
    case failed(String)
  }

  /// Tokens of a call.
  package let call: Int
  /// At powers of two, and after the last token.
  package let points: [DriftPoint]
  package let end: End

  /// Where its error is first above the bound.
  package var firstAboveBound: DriftPoint? { points.first { !$0.isWithinBound } }
  /// Where it is that by the largest factor.
  package var farthestAboveBound: DriftPoint? {
    points.filter { !$0.isWithinBound }.max { $0.error / $0.bound < $1.error / $1.bound }
  }
  /// Where it is farthest above the twins', if that is far.
  package var worstBesideTwins: DriftPoint? {
    points.filter(\.isWorseThanDeclared).max { ($0.timesTwin ?? 0) < ($1.timesTwin ?? 0) }
  }
}
