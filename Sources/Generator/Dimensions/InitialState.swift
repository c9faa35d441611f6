extension Recipe {
  /// The state before the first token. It is kept in fp32 whatever the inputs are in, as upstream keeps it.
  public enum InitialState: Hashable, Sendable {
    /// Absent: must equal zeros bit for bit, and has a gradient all the same.
    case none
    /// Given, all zero.
    case zeros
    /// Entries about N(0, 1).
    case random
    /// Random in the last batch row only: a state that flows from one row into the next shows.
    case lastRow
    /// Random, but 1e8 in one value channel of every head: a coarse state loses what stands beside it.
    case spike
  }
}

extension Dimension {
  static let state = Dimension(
    "state",
    [
      Row(Danger("none").drawn(25).least(130, 130, 130), .none),
      Row(Danger("zeros").drawn(10).least(52, 53, 54), .zeros),
      Row(Danger("random").drawn(45).least(230, 240, 240), .random),
      Row(Danger("lastRow").drawn(12).when { $0.hasRows }.least(28, 30, 30), .lastRow),
      Row(Danger("spike").drawn(8).least(44, 42, 42), .spike),
    ], { $0.state }, { $0.state = $1 })
}
