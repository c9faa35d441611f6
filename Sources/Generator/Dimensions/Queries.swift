extension Recipe {
  /// What reads the state. The norm is Dk^-1/2 unless the name says otherwise.
  public enum Queries: Hashable, Sendable {
    /// Independent directions.
    case random
    /// The key itself: reads back what has just been written, and hides a swap of q and k.
    case key
    /// Orthogonal to the axes of the keys, so that the true output is small beside its terms. Zero if Dk is 1.
    case orthogonal
    /// All zero: y is 0 and so is everything that flows through it.
    case zero
    /// Independent directions of which a token has 0, 1e-4, 1 or 1e4 times the norm.
    case lengths
  }
}

extension Dimension {
  static let queries = Dimension(
    "q",
    [
      Row(Danger("random").drawn(70).least(350, 340, 340), .random),
      Row(Danger("key").drawn(12).least(59, 59, 61), .key),
      Row(Danger("orthogonal").drawn(12).least(58, 60, 58), .orthogonal),
      Row(Danger("zero").drawn(6).least(29, 31, 29), .zero),
      Row(Danger("lengths"), .lengths),
    ], { $0.queries }, { $0.queries = $1 })
}
