extension Recipe {
  /// beta, how much of the error is written: the slope of the delta rule.
  public enum WriteStrength: Hashable, Sendable {
    /// The same at every token, 0 to 1. At exactly 1 a token replaces what its key held, and 1 - beta loses
    /// every digit in its gradient; just below it equal keys are at their worst.
    case constant(Double)
    /// The sigmoid of this at every token. 1 + e^-b is exactly 1 from 17 on in fp32, from 37 on in fp64.
    case logit(Double)
    /// The sigmoid of a uniform draw from this range, for every token and head for itself.
    case logits(low: Double, high: Double)
    /// Uniform in this range, up to 2: a reflection, outside of what a sigmoid gives. Core level only, and
    /// drawn only where the profile asks for it.
    case wide(low: Double, high: Double)
    /// Core level: 1/2 with the first chance, 0 with the second, for every token and head for itself, and 1 otherwise.
    case halves(chance: Double, zeros: Double)
  }
}

extension Dimension {
  static let write = Dimension(
    "write", isAlwaysWritten: true, simpler: betas.map { ("", [$0]) },
    [
      Row(
        Danger(
          "", Parameter("BETA", "0 to 1 (wide:LOW:HIGH goes up to 2)", steps: betas) { (0...1).contains($0) }
        )
        .drawn(50) { [$0.beta] }
        .counted("write=0", 26, 25, 25) { $0[0] == 0 }
        .counted("write=1e-7", 25, 24, 26) { $0[0] == 1e-7 }
        .counted("write=0.5", 26, 26, 25) { $0[0] == 0.5 }
        .counted("write=0.9 to 1", 76, 78, 79) { (0.9..<1).contains($0[0]) }
        .counted("write=1", 50, 50, 50) { $0[0] == 1 },
        { .constant($0[0]) }, { if case .constant(let x) = $0 { [x] } else { nil } }),
      Row(
        Danger("logit", Parameter("B", -200...200, steps: [0, 8, 16]))
          .drawn(12) { [$0.logit] }.least(130, 140, 130),
        { .logit($0[0]) }, { if case .logit(let x) = $0 { [x] } else { nil } }),
      Row(
        range("logits", -200...200).drawn(25) { _ in [-8, 16] }.drawn(13) { _ in [-3, 3] }.least(
          150, 150, 150),
        { .logits(low: $0[0], high: $0[1]) }, { if case .logits(let x, let y) = $0 { [x, y] } else { nil } }),
      Row(
        range("wide", 0...2).only(.core, because: "a sigmoid ends at 1")
          .drawn(20) { [0, $0.high] }.when { $0.includesWideWrites }.least(0, 0, 0),
        { .wide(low: $0[0], high: $0[1]) }, { if case .wide(let x, let y) = $0 { [x, y] } else { nil } }),
      Row(
        Danger(
          "halves", Parameter("CHANCE", 0...1, steps: [0, 0.5]), Parameter("ZEROS", 0...1, steps: [0, 0.5])
        )
        .keeping("CHANCE and ZEROS at most 1 together") { $0[0] + $0[1] <= 1 },
        { .halves(chance: $0[0], zeros: $0[1]) },
        { if case .halves(let x, let y) = $0 { [x, y] } else { nil } }),
    ], { $0.write }, { $0.write = $1 })

  private static func range(_ word: String, _ range: ClosedRange<Double>) -> Danger {
    Danger(
      word, Parameter("LOW", range, steps: [0, -8]), Parameter("HIGH", range, steps: [0, 2, 8, 16])
    ).keeping("LOW at most HIGH") { $0[0] <= $0[1] }
  }

  /// What a person would write down.
  private static let betas = [0, 1, 0.5, 0.9, 0.999]
}
