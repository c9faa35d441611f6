/// What the oracle says of one implementation on one problem.
public enum Verdict: Hashable, Sendable {
  /// Every result is within its bound; the worst error over its bound.
  case agrees(ratio: Double)
  /// The formula is right but the algorithm amplifies rounding, tolerably for a 16-bit deployment.
  case degraded(Disagreement)
  /// Wrong.
  case disagrees(Disagreement)
  /// It wrote or read what is none of its own, left some of a result unwritten, or changed an input: what was seen, and the
  /// verdict on the numbers, which may be right by chance.
  indirect case memory([String], numbers: Verdict)
  /// It does not take this problem, and says why.
  case refused(String)
  /// It threw, or answered something that is no answer.
  case failed(String)
}

extension Disagreement {
  /// Whether it is rounding, amplified, and not more than a deployment in bf16 loses anyway.
  var isTolerable: Bool {
    cause == .unstable && normError <= CrossCheck.deployment && loss.map { $0 <= 1 } ?? true
  }
}

extension Verdict {
  /// What looks like amplified rounding and is small beside the bound, tolerable or not: something else may look so too.
  var amplified: Disagreement? {
    switch self {
    case .degraded(let found): found
    case .disagrees(let found) where found.cause == .unstable && found.loss != nil: found
    default: nil
    }
  }
}
