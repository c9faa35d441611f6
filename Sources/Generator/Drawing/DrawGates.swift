import GatedDeltaRule

extension Recipe {
  /// Decay and write strength, at the atoms where kernels break and between them.
  mutating func drawGates(_ profile: Profile, _ lot: inout Lot) {
    decay = drawDecay(&lot)
    write = lot.one(weighing: [
      .constant(lot.one(of: Recipe.writeAtoms)): 50, .logit(lot.hundredth(-8, 16)): 12,
      .logits(low: -8, high: 16): 25, .logits(low: -3, high: 3): 13,
      .wide(low: 0, high: lot.one(of: [1.2, 1.5, 2])):
        (profile.includesWideWrites && level == .core ? 20 : 0),
    ])
    guard level == .model else { return }
    let rate = lot.one(of: Recipe.rateAtoms)
    let bias = lot.one(of: [0, 0, 1, -4, 2] as [Double])
    A_log = lot.one(weighing: [.heads: 60, .constant(rate): 40])
    dt_bias = lot.one(weighing: [.heads: 60, .constant(bias): 40])
    if lot.chance(0.35) { decay = lot.input(from: Recipe.inputAtoms) }
    // e^100 overflows fp32, and total decay is all that is left of it; times a softplus that underflows to 0 it
    // would be NaN in fp32, which is the edge of the domain.
    if A_log == .constant(100) { decay = lot.input(from: Recipe.inputAtoms.filter { $0 >= -17 }) }
  }

  private func drawDecay(_ lot: inout Lot) -> DecayPattern {
    let (strong, slow) = (lot.one(of: Recipe.strongAtoms), lot.one(of: Recipe.slowAtoms))
    let edge = lot.one(of: [0, 0, 31, 32, 63, 64, T - 1].filter { (0..<max(T, 1)).contains($0) })
    let level = lot.one(of: Recipe.decayAtoms)
    let neighbours = lot.integer(-1...1)
    let typical = -lot.powerOfTen(-5, 1)
    let spread = lot.one(of: [0.5, 1, 2])
    return lot.one(weighing: [
      .constant(level): 34, .clamp(neighbours: neighbours): 6,
      .forget(at: edge, strong: strong, slow: slow): 10, .every(period: 8, strong: -27.6, slow: slow): 5,
      .every(period: 2, strong: -.infinity, slow: 0): 5,
      .tail(rows: min(max(T % 64, 1), max(T, 1)), strong: strong, slow: slow): 5,
      .random(level: typical, spread: spread): 8, .random(level: -0.003, spread: 3.5): 10,
      .mixture(chance: 0.5, strong: -200, slow: 0): 10,
    ])
  }

  /// log g: exactly 1; rounded to 1 in bf16; ordinary; a kernel that pins it; around the clamps at -20 and at
  /// log 1e-12; subnormal and zero in fp32; and far beyond.
  static let decayAtoms: [Double] = [
    0, 0, -1e-4, -1e-3, -0.1, -1, -5, -19.9, -20, -20.1, -27.6, -88, -104, -300, -1000, -.infinity,
  ]

  /// log g of a token that forgets.
  static let strongAtoms: [Double] = [-20, -27.6, -88, -200, -300, -1000, -.infinity]

  /// log g of the tokens around it.
  static let slowAtoms: [Double] = [0, -1e-4, -1e-3, -0.1]

  /// beta: nothing, almost nothing, half, the hard corner, and exactly 1.
  static let writeAtoms: [Double] = [0, 1e-7, 0.5, 0.9, 0.999, 0.999999, 1, 1]

  /// A_log: no decay at all, log 1e-3, 0, log 16, 4, and past what fp32 can exponentiate.
  static let rateAtoms: [Double] = [-.infinity, -6.9078, 0, 2.7726, 4, 100]

  /// a + dt_bias: both ends of softplus, and where its naive forms break.
  static let inputAtoms: [Double] = [-200, -60, -20, -17, -5, 0, 20, 88, 95]
}

extension Lot {
  /// A level of a + dt_bias, alone or with the noise of a real projection.
  mutating func input(from atoms: [Double]) -> Recipe.DecayPattern {
    .input(one(of: atoms), noise: chance(0.4) ? 1 : 0)
  }
}
