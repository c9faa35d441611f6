extension Recipe {
  /// How the keys of a head lie to each other. All are unit vectors unless the name says otherwise.
  public enum Keys: Hashable, Sendable {
    /// One vector for all tokens: the powers of the triangular matrix explode inside one sub-block although its
    /// inverse stays at 1 (sub-block 32 of a doubling solve).
    case equal
    /// Independent directions: what a layer sees at first, and what hides every solver fault once Dk is large.
    case random
    /// One vector and its negative, at random: equal keys to the algebra, but not to a test for a common sign.
    case flipped
    /// Independent directions at this angle to one axis, in degrees, 0 to 90: small angles are nearly equal keys.
    case cone(degrees: Double)
    /// Independent directions in one two-dimensional subspace: collinear for nothing, whatever Dk is.
    case plane
    /// The unit vectors in turn, so that tokens less than Dk apart do not see each other.
    case orthogonal
    /// All zero: the write vanishes, the decay remains.
    case zero
    /// Independent directions of this norm, below 1: a normalisation that squares it underflows.
    case tiny(norm: Double)
    /// Entries that nobody normalised, with this norm in the mean, above or below 1. |1 - beta k.k| may pass 1
    /// and the state then grows; drawn only where the profile asks for it.
    case raw(norm: Double)
    /// Independent directions of which a token has the norm 0, 1e-4, 1 or 1e4: what a normalisation inside must bear.
    case lengths
    /// So many directions, and every token at this angle to one of them: nearly equal keys that come back after others,
    /// as those of a trained layer do.
    case clusters(count: Int, degrees: Double)
  }
}

extension Dimension {
  static let keys = Dimension(
    "keys", isAlwaysWritten: true,
    [
      Row(Danger("equal").drawn(11).least(78, 78, 79), .equal),
      Row(Danger("random").drawn(38, turn: -1).least(160, 160, 160), .random),
      Row(Danger("flipped").drawn(8).least(34, 34, 34), .flipped),
      Row(
        Danger("cone", Parameter("DEGREES", 0...90, steps: [0, 10, 30, 90])).drawn(13) { [$0.degrees] }
          .least(110, 110, 110).counted("keys=cone below 5 degrees", 5, 6, 6) { $0[0] < 5 },
        { .cone(degrees: $0[0]) }, { if case .cone(let x) = $0 { [x] } else { nil } }),
      Row(Danger("plane").drawn(8).least(36, 33, 35), .plane),
      Row(Danger("orthogonal").drawn(8).least(34, 34, 34), .orthogonal),
      Row(Danger("zero").drawn(4).least(17, 16, 16), .zero),
      Row(
        Danger("tiny", Parameter("NORM", "above 0 and below 1") { $0 > 0 && $0 < 1 })
          .drawn(6) { [$0.tinyNorm] }.least(25, 25, 25),
        { .tiny(norm: $0[0]) }, { if case .tiny(let x) = $0 { [x] } else { nil } }),
      Row(
        Danger("raw", Parameter("NORM", "above 0 up to 100") { $0 > 0 && $0 <= 100 })
          .drawn(12) { [$0.rawNorm] }.when { $0.profile.includesRawKeys }.least(0, 0, 0),
        { .raw(norm: $0[0]) }, { if case .raw(let x) = $0 { [x] } else { nil } }),
      Row(Danger("lengths"), .lengths),
      Row(
        Danger(
          "clusters", Parameter("COUNT", "1 to 256", steps: [1, 2]) { $0.isWhole && (1...256).contains($0) },
          Parameter("DEGREES", 0...90, steps: [0, 10, 30, 90])),
        { .clusters(count: Int($0[0]), degrees: $0[1]) },
        { if case .clusters(let n, let x) = $0 { [Double(n), x] } else { nil } }),
    ], { $0.keys }, { $0.keys = $1 })
}
