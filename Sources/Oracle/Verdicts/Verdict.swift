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
