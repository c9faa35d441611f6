extension Recipe {
  /// What is written.
  public enum Values: Hashable, Sendable {
    /// Entries about N(0, 1).
    case random
    /// All zero: only the initial state is left to carry.
    case zero
    /// Random entries times this factor: 1e4 brings a readout in fp16 near its largest number.
    case scaled(Double)
  }
}

extension Dimension {
  static let values = Dimension(
    "v",
    [
      Row(Danger("random").drawn(80).least(400, 400, 400), .random),
      Row(Danger("zero").drawn(8).least(33, 34, 33), .zero),
      Row(
        Danger(
          "scaled",
          Parameter("FACTOR", "above 0 up to 1e10", steps: [10, 100, 1000]) { $0 > 0 && $0 <= 1e10 }
        )
        .drawn(12) { _ in [1e4] }.least(59, 61, 61),
        { .scaled($0[0]) }, { if case .scaled(let x) = $0 { [x] } else { nil } }),
    ], { $0.values }, { $0.values = $1 })
}
