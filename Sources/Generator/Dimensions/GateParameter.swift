extension Recipe {
  /// A parameter of the gate at model level, for each head: the logarithm of its decay rate or the bias of its input.
  public enum GateParameter: Hashable, Sendable {
    /// The same for every head. A rate's logarithm of 0 is a rate of 1, minus infinity no decay, and 100 overflows
    /// fp32 when exponentiated.
    case constant(Double)
    /// Different for every head, as models start, so that a head that reads its neighbour's shows: log U(1, 16) of a
    /// rate, and of a bias uniform in -4 to 2, with per-channel decay for every channel.
    case heads
  }
}

extension Dimension {
  static let A_log = Dimension(
    "A_log", simpler: [("", [0])],
    [
      constant(
        Danger("", Parameter("VALUE", "up to 1000, or -inf", steps: steps) { isRate($0) }).drawn(40) {
          [$0.rate]
        }
        .counted("A_log=-inf", 10, 10, 10) { $0[0] == -.infinity }
        .counted("A_log=100", 10, 10, 10) { $0[0] == 100 }),
      heads,
    ], { $0.A_log }, { $0.A_log = $1 })

  static let dt_bias = Dimension(
    "dt_bias", simpler: [("", [0])],
    [
      constant(Danger("", Parameter("VALUE", -1000...1000, steps: steps)).drawn(40) { [$0.bias] }), heads,
    ], { $0.dt_bias }, { $0.dt_bias = $1 })

  private static func constant(_ danger: Danger) -> Row<Recipe.GateParameter> {
    Row(
      danger.only(.model), { .constant($0[0]) }, { if case .constant(let x) = $0 { [x] } else { nil } })
  }

  private static let heads = Row<Recipe.GateParameter>(
    Danger("heads").only(.model).drawn(60, turn: -1), .heads)
  private static let steps: [Double] = [0, 1, 4]

  private static func isRate(_ number: Double) -> Bool {
    (-1000...1000).contains(number) || number == -.infinity
  }
}
