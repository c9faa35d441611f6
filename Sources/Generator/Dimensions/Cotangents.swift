extension Recipe {
  /// What the loss says of y. It is 0 at masked tokens.
  public enum OutputCotangent: Hashable, Sendable {
    /// Entries about N(0, 1).
    case random
    /// Only the last live token of a row counts: all that reaches the others went through the state.
    case last
    /// Random entries divided by T Hv Dv, as under the mean of a loss: absolute tolerances see nothing.
    case mean
    /// Given, all zero.
    case zeros
    /// Absent.
    case none
  }

  /// What the loss says of the final state.
  public enum StateCotangent: Hashable, Sendable {
    /// Absent: the gradient of the initial state must not depend on its presence.
    case none
    /// Given, all zero.
    case zeros
    /// Entries about N(0, 1).
    case random
  }
}

extension Dimension {
  static let dy = Dimension(
    "dy",
    [
      Row(Danger("random").drawn(60).least(300, 300, 290), .random),
      Row(Danger("last").drawn(12).least(60, 62, 61), .last),
      Row(Danger("mean").drawn(15).least(72, 73, 74), .mean),
      Row(Danger("zeros").drawn(6).least(30, 29, 30), .zeros),
      Row(Danger("none").drawn(7).least(35, 34, 34), .none),
    ], { $0.dy }, { $0.dy = $1 })

  static let dstate = Dimension(
    "dstate",
    [
      Row(Danger("none").drawn(40).least(170, 170, 170), .none),
      Row(Danger("zeros").drawn(10).least(44, 45, 44), .zeros),
      Row(Danger("random").drawn(50).least(270, 270, 270), .random),
    ], { $0.dstate }, { $0.dstate = $1 })
}
