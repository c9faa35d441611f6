import GatedDeltaRule

/// Gates at their ends. At model level they come from inputs at which exp underflows in every arithmetic.
extension Draft {
  /// sigmoid is exactly 0 at minus this and exactly 1 at it; softplus is exactly 0 at minus half of it.
  private static let extreme = 1000.0

  /// Why the decay of a new token cannot be made exactly 1, or nil.
  var obstacleToKeeping: String? {
    guard level == .model, let A_log = self[.A_log], let bias = self[.dt_bias] else { return nil }
    // exp(-1) of half the extreme is where a sigmoid vanishes.
    let least: Double = contract.gate == .softplus ? -.infinity : -1
    let isOrdinary =
      (!contract.hasRate || A_log.values.allSatisfy { (least..<80).contains($0) })
      && bias.values.allSatisfy { $0.magnitude <= Draft.extreme / 2 }
    return isOrdinary ? nil : "A_log or dt_bias is at the end of its range"
  }

  /// beta := 1 or 0 in one token of every batch row.
  mutating func setWrite(_ writes: Bool, t: Int) {
    switch level {
    case .core: fill(.beta, t: t) { writes ? 1 : 0 }
    case .model: fill(.b, t: t) { [self] in writing(writes) }
    }
  }

  /// g := 1 in one token of every batch row.
  mutating func setKeep(t: Int) {
    switch level {
    case .core: fill(.g, t: t) { [self] in keeping }
    case .model: fill(.a, t: t) { -Draft.extreme }
    }
  }

  /// The input of the gate in question, and what it must hold for the gate to be exactly 0 or 1.
  var decayInput: Input { level == .core ? .g : .a }
  var writeInput: Input { level == .core ? .beta : .b }
  var keeping: Double { level == .model ? -Draft.extreme : contract.decay == .log ? 0 : 1 }
  /// As little as the contract lets it be.
  var forgetting: Double { level == .model ? Draft.extreme : contract.decay == .log ? -.infinity : 0 }
  func writing(_ writes: Bool) -> Double {
    guard level == .model else { return writes ? 1 : 0 }
    // Twice a sigmoid of 0 is 1.
    let most = contract.write == .doubleSigmoid ? 0 : Draft.extreme
    return writes ? most : -Draft.extreme
  }
}
