extension Recipe {
  /// Which tokens are real.
  public enum Masking: Hashable, Sendable {
    /// No mask.
    case none
    /// A mask that hides nothing: must equal no mask.
    case all
    /// So many first tokens are padding. 64 of them are a dead chunk.
    case left(Int)
    /// So many last tokens are padding.
    case right(Int)
    /// Only the first token is real.
    case onlyFirst
    /// Only the last token is real.
    case onlyLast
    /// All of this batch row is padding.
    case row(Int)
    /// Row b begins with b times so many tokens of padding: different in every row.
    case leftByRow(Int)
    /// Row b ends with b times so many tokens of padding: different in every row.
    case rightByRow(Int)
    /// Every token is hidden with this chance, in every row for itself.
    case holes(chance: Double)
  }
}

extension Dimension {
  static let mask = Dimension(
    "mask", simpler: [("left", [1]), ("right", [1])],
    [
      Row(Danger("none").least(290, 290, 290), .none),
      Row(Danger("all").drawn(12).least(30, 31, 28), .all),
      Row(
        Danger("left", tokens).drawn(20) { [$0.tokens] }.least(40, 41, 40),
        { .left(Int($0[0])) }, { if case .left(let n) = $0 { [Double(n)] } else { nil } }),
      Row(
        Danger("right", tokens).drawn(14) { [$0.tokens] }.least(29, 27, 29),
        { .right(Int($0[0])) }, { if case .right(let n) = $0 { [Double(n)] } else { nil } }),
      Row(Danger("onlyFirst").drawn(7).least(12, 14, 14), .onlyFirst),
      Row(Danger("onlyLast").drawn(7).least(14, 14, 14), .onlyLast),
      Row(
        Danger("row", row).drawn(7) { [$0.row] }.least(13, 13, 14),
        { .row(Int($0[0])) }, { if case .row(let n) = $0 { [Double(n)] } else { nil } }),
      Row(
        Danger("leftByRow", tokens).drawn(10) { [$0.leftByRow] }.when { $0.hasRows }.least(11, 9, 10),
        { .leftByRow(Int($0[0])) }, { if case .leftByRow(let n) = $0 { [Double(n)] } else { nil } }),
      Row(
        Danger("rightByRow", tokens).drawn(8) { [$0.rightByRow] }.when { $0.hasRows }.least(9, 8, 8),
        { .rightByRow(Int($0[0])) }, { if case .rightByRow(let n) = $0 { [Double(n)] } else { nil } }),
      Row(
        Danger("holes", Parameter("CHANCE", 0...1, steps: [0.5])).drawn(20, turn: 3.5) { [$0.chance] }.least(
          40, 40, 41),
        { .holes(chance: $0[0]) }, { if case .holes(let x) = $0 { [x] } else { nil } }),
    ], { $0.mask }, { $0.mask = $1 })

  private static let tokens = Parameter("TOKENS", least: 1, of: "T") { $0.T }
  private static let row = Parameter("ROW", least: 0, of: "B") { $0.B - 1 }
}
