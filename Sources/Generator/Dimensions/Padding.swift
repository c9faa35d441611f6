extension Recipe {
  /// What masked tokens hold in q, k, v and the gates. None of it may reach a result.
  public enum Padding: Hashable, Sendable {
    /// Zero, decay included.
    case zeros
    /// What a real token would hold.
    case noise
    /// 1e30, or 6e4 where fp16 ends before that.
    case huge
    /// Infinity: times zero it is NaN.
    case inf
    /// NaN: a mask that multiplies instead of selecting lets it through.
    case nan
  }
}

extension Dimension {
  static let pad = Dimension(
    "pad",
    [
      Row(Danger("zeros").drawn(18), .zeros),
      Row(Danger("noise").drawn(34).least(59, 57, 58), .noise),
      Row(Danger("huge").drawn(16).least(26, 26, 27), .huge),
      Row(Danger("inf").drawn(16).least(27, 28, 28), .inf),
      Row(Danger("nan").drawn(16).least(26, 26, 27), .nan),
    ], { $0.pad }, { $0.pad = $1 })
}
