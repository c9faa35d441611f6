extension Recipe {
  /// What the numbers are made of, whatever the other parts say of where they stand.
  public enum Numbers: Hashable, Sendable {
    /// Real numbers, rounded to the format of the inputs.
    case any
    /// Whole numbers up to `largest` in v, dy and the states, `fill` per cent of them not zero; keys of one channel,
    /// plus or minus 1, and queries of one channel times such a number. With decays and writes of halves nothing has to
    /// be rounded on the way, whatever the format: any error is a fault.
    case exact(largest: Int, fill: Double)
  }
}

extension Dimension {
  static let numbers = Dimension(
    "numbers",
    [
      Row(Danger("any"), .any),
      Row(
        Danger("exact", Parameter("LARGEST", least: 1), Parameter("FILL", 0...100, steps: [100, 50]).fullest)
          .keeping("LARGEST at most 256") { $0[0] <= 256 },
        { .exact(largest: Int($0[0]), fill: $0[1]) },
        { if case .exact(let n, let x) = $0 { [Double(n), x] } else { nil } }),
    ], { $0.numbers }, { $0.numbers = $1 })
}

extension Recipe {
  /// Whether the numbers are drawn so that nothing has to be rounded.
  public var isExact: Bool { numbers != .any }
}
