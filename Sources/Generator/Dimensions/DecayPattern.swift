import GatedDeltaRule

extension Recipe {
  /// The logarithm of the decay over time; 0 keeps everything, minus infinity forgets everything.
  ///
  /// At model level the input a is solved for, so that the layer arrives at the same decay up to rounding,
  /// whatever A_log and dt_bias are; only `input` states a + dt_bias itself.
  public enum DecayPattern: Hashable, Sendable {
    /// The same at every token. Exactly 0 makes ties of cumulative sums; -1e-3 rounds to 1 in bf16; -20 and
    /// -27.6 are clamps in use; -88 is subnormal and -104 is zero in fp32; minus infinity is a logarithm of 0.
    case constant(Double)
    /// g is 1e-12 as an fp32, moved by so many neighbours: where a clamp of g cuts its gradient.
    case clamp(neighbours: Int)
    /// One strong forget at this token, slow decay at the others: differences of a running sum cancel.
    case forget(at: Int, strong: Double, slow: Double)
    /// The last of every so many tokens is strong. A period of 2 alternates, for example 1 and 0.
    case every(period: Int, strong: Double, slow: Double)
    /// Strong in so many last tokens only: padding after a tail chunk must not lose it.
    case tail(rows: Int, strong: Double, slow: Double)
    /// Every token, head and channel for itself: the level times a power of ten between -spread and +spread.
    case random(level: Double, spread: Double)
    /// Strong with this chance, for every token, head and channel for itself; slow otherwise.
    case mixture(chance: Double, strong: Double, slow: Double)
    /// Model level: a + dt_bias is this, plus noise of this size. 88 and 95 overflow an exponential inside
    /// softplus, -200 underflows it, -17 and -20 are where log(1 + e) loses it.
    case input(Double, noise: Double)
    /// Core level: g is 1/2 with this chance, for every token, head and channel for itself, and 1 otherwise.
    case halves(chance: Double)
  }
}

extension Dimension {
  static let decay = Dimension(
    "decay", isAlwaysWritten: true, simpler: [("", [-1])],
    [
      Row(Danger("none").least(13, 12, 13), .constant(0)),
      Row(
        Danger("", level("LOG_G")).drawn(34) { [$0.level] }
          .counted("decay rounds to 1 in bf16", 56, 55, 56) { (-2e-3 ..< -1e-6).contains($0[0]) }
          .counted("decay=-0.1 to -5", 41, 41, 42) { (-5 ..< -0.09).contains($0[0]) }
          .counted("decay around -20", 21, 22, 22) { (-20.2 ..< -19.8).contains($0[0]) }
          .counted("decay=-27.6", 8, 8, 7) { $0[0] == -27.6 }
          .counted("decay=-88 or less", 33, 34, 33) { (-1001 ..< -87).contains($0[0]) }
          .counted("decay=-inf", 9, 7, 9) { $0[0] == -.infinity },
        { .constant($0[0]) }, { if case .constant(let x) = $0 { [x] } else { nil } }),
      Row(
        Danger("clamp", neighbours).drawn(6) { [$0.neighbours] }.least(19, 19, 19),
        { .clamp(neighbours: Int($0[0])) }, { if case .clamp(let n) = $0 { [Double(n)] } else { nil } }),
      Row(
        twoLevels("forget", token).drawn(10) { [$0.edge, $0.strong, $0.slow] }.least(50, 51, 51),
        { .forget(at: Int($0[0]), strong: $0[1], slow: $0[2]) },
        { if case .forget(let n, let x, let y) = $0 { [Double(n), x, y] } else { nil } }),
      Row(
        twoLevels("every", Parameter("PERIOD", least: 2)).drawn(5) { [8, -27.6, $0.slow] }
          .drawn(5) { _ in [2, -.infinity, 0] }.least(32, 31, 31)
          .counted("decay alternates 1 and 0", 16, 16, 16) { $0 == [2, -.infinity, 0] },
        { .every(period: Int($0[0]), strong: $0[1], slow: $0[2]) },
        { if case .every(let n, let x, let y) = $0 { [Double(n), x, y] } else { nil } }),
      Row(
        twoLevels("tail", rows).drawn(5) { [Double($0.recipe.tailRows), $0.strong, $0.slow] }.least(
          34, 34, 34),
        { .tail(rows: Int($0[0]), strong: $0[1], slow: $0[2]) },
        { if case .tail(let n, let x, let y) = $0 { [Double(n), x, y] } else { nil } }),
      Row(
        Danger("random", typical, Parameter("SPREAD", 0...10, steps: [0, 1])).drawn(8) {
          [$0.typical, $0.spread]
        }
        .drawn(10) { _ in [-0.003, 3.5] }.simpler { [("", [$0[0]]), ("", [-1])] }.least(59, 58, 57),
        { .random(level: $0[0], spread: $0[1]) },
        { if case .random(let x, let y) = $0 { [x, y] } else { nil } }),
      Row(
        twoLevels("mixture", Parameter("CHANCE", 0...1, steps: [0.5])).drawn(10) { _ in [0.5, -200, 0] }
          .least(31, 32, 31),
        { .mixture(chance: $0[0], strong: $0[1], slow: $0[2]) },
        { if case .mixture(let x, let y, let z) = $0 { [x, y, z] } else { nil } }),
      Row(
        Danger(
          "input", Parameter("X", -1000...1000, steps: [0, 20, -20]),
          Parameter("NOISE", 0...100, steps: [0, 1])
        )
        .only(.model).least(62, 63, 62)
        .counted("decay=input underflows", 11, 11, 11) { $0[0] <= -60 }
        .counted("decay=input overflows", 14, 14, 15) { $0[0] >= 88 },
        { .input($0[0], noise: $0[1]) }, { if case .input(let x, let y) = $0 { [x, y] } else { nil } }),
      Row(
        Danger("halves", Parameter("CHANCE", 0...1, steps: [0.1, 0.5])),
        { .halves(chance: $0[0]) }, { if case .halves(let x) = $0 { [x] } else { nil } }),
    ], { $0.decay }, { $0.decay = $1 })

  /// A danger of two levels, the strong one at some tokens only: either of them alone is simpler.
  private static func twoLevels(_ word: String, _ tokens: Parameter) -> Danger {
    Danger(word, tokens, level("STRONG"), level("SLOW")).simpler {
      [("", [$0[2]]), ("", [$0[1]]), ("forget", [0, $0[1], $0[2]])]
    }
  }

  private static func level(_ name: String) -> Parameter {
    Parameter(name, "at most 0", steps: levels) { $0 <= 0 }
  }

  private static let levels: [Double] = [0, -1, -5, -20, -30, -100, -300, -.infinity]
  private static let typical = Parameter("LEVEL", "finite and below 0", steps: levels) {
    $0 < 0 && $0.isFinite
  }
  private static let neighbours = Parameter("NEIGHBOURS", "-100 to 100", steps: [0]) {
    $0.isWhole && (-100...100).contains($0)
  }
  private static let token = Parameter("TOKEN", least: 0, of: "T") { max($0.T, 1) - 1 }
  private static let rows = Parameter("ROWS", least: 1, of: "T") { max($0.T, 1) }
}

extension Recipe {
  /// Tokens of a last chunk of 64 that is not whole.
  var tailRows: Int { min(max(T % 64, 1), max(T, 1)) }
}
