/// How an answer is graded: a verdict without its figures, from good to bad and then to what was not evaluated.
public enum Grade: String, Hashable, Sendable, Codable, CaseIterable {
  /// Every result is within its bound.
  case agrees
  /// The formula is right but the algorithm amplifies rounding, tolerably for a 16-bit deployment.
  case degraded
  /// Wrong: past a bound, against a property, or in memory that is none of its own.
  case disagrees
  /// There is no answer.
  case failed
  /// The implementation does not take the problem.
  case refused
}

extension Grade: Comparable {
  /// By the order of the cases: what is worse is larger.
  public static func < (left: Grade, right: Grade) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .agrees: 0
    case .degraded: 1
    case .disagrees: 2
    case .failed: 3
    case .refused: 4
    }
  }
}

extension Verdict {
  /// The verdict without its figures.
  public var grade: Grade {
    switch self {
    case .agrees: .agrees
    case .degraded: .degraded
    case .disagrees, .memory: .disagrees
    case .failed: .failed
    case .refused: .refused
    }
  }
}
