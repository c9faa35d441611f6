import GatedDeltaRule

extension Recipe {
  /// Case `index` of the run with this seed: the same recipe on every machine, whatever was drawn before it.
  ///
  /// Angles and logits have uniform priors: that alone meets an unstable solve within a few cases, which a prior
  /// that looks like a model misses for ever.
  public static func draw(seed: UInt64, index: UInt64, profile: Profile = .standard) -> Recipe {
    var lot = Lot(seed: seed, index: index)
    let theme = lot.one(weighing: Theme.weights)
    var recipe = Recipe(T: 0)
    recipe.drawSizes(theme, profile, &lot)
    recipe.level = lot.chance(0.45) ? .model : .core
    recipe.decayKind = lot.chance(theme == .corner ? 0.08 : 0.2) ? .perChannel : .scalar
    recipe.keepWork(below: profile.work, channels: profile.channels)
    recipe.precision = lot.one(weighing: [.fp32: 65, .bf16: 22, .fp16: 13])
    recipe.join(profile.families, &lot)
    recipe.drawVectors(profile, &lot)
    recipe.drawGates(profile, &lot)
    recipe.drawStates(&lot)
    recipe.drawMask(&lot)
    switch theme {
    case .any: break
    case .corner: recipe.drawCorner(&lot)
    case .tail: recipe.drawTail(&lot)
    }
    recipe.seed = UInt64(lot.integer(0...99999))
    return recipe.fitted()
  }

  /// Faults that are the product of two conditions need both at once, more often than chance brings them together.
  enum Theme {
    /// Every dimension for itself.
    case any
    /// Keys nearly equal, beta near 1, hardly any decay, enough tokens: where the solve of a chunk is hardest.
    case corner
    /// Strong decay and a last chunk of 1 to 15 tokens.
    case tail

    static let weights: KeyValuePairs<Theme, Int> = [.any: 72, .corner: 18, .tail: 10]
  }

  /// Angle, logit and the logarithm of the decay, each uniform, and nothing that hides what they do.
  private mutating func drawCorner(_ lot: inout Lot) {
    keys = lot.chance(0.35) ? .equal : .cone(degrees: lot.hundredth(0, 90))
    write = .logit(lot.hundredth(-8, 16))
    decay = .constant(-lot.powerOfTen(-6, 1))
    if values == .zero { values = .random }
    if case .constant(let value) = A_log, !(0...4).contains(value) { A_log = .heads }
    switch mask {
    case .none, .all, .leftByRow, .rightByRow: break
    default: if lot.chance(0.7) { mask = .none }
    }
  }

  private mutating func drawTail(_ lot: inout Lot) {
    let rows = min(max(T % 64, 1), max(T, 1))
    let (strong, slow) = (lot.one(of: Recipe.strongAtoms), lot.one(of: Recipe.slowAtoms))
    decay = lot.one(weighing: [
      .tail(rows: rows, strong: strong, slow: slow): 3, .constant(strong): 2,
      .forget(at: max(T - rows, 0), strong: strong, slow: slow): 2,
      .forget(at: max(T - 1, 0), strong: strong, slow: slow): 1,
    ])
    if case .constant(let value) = A_log, !(0...4).contains(value) { A_log = .heads }
  }

  private mutating func drawVectors(_ profile: Profile, _ lot: inout Lot) {
    let degrees = lot.hundredth(0, 90)
    let tinyNorm = lot.one(of: [1e-3, 1e-10, 1e-20])
    let rawNorm = lot.one(of: [0.5, 1.2, 2])
    let rawWeight = profile.includesRawKeys ? 12 : 0
    keys = lot.one(weighing: [
      .random: 38, .equal: 11, .flipped: 8, .cone(degrees: degrees): 13, .plane: 8, .orthogonal: 8,
      .zero: 4, .tiny(norm: tinyNorm): 6, .raw(norm: rawNorm): rawWeight,
    ])
    queries = lot.one(weighing: [.random: 70, .key: 12, .orthogonal: 12, .zero: 6])
    values = lot.one(weighing: [.random: 80, .zero: 8, .scaled(1e4): 12])
  }

  private mutating func drawStates(_ lot: inout Lot) {
    state = lot.one(weighing: [
      .none: 25, .zeros: 10, .random: 45, .lastRow: (B > 1 ? 12 : 0), .spike: 8,
    ])
    dy = lot.one(weighing: [.random: 60, .last: 12, .mean: 15, .zeros: 6, .none: 7])
    dstate = lot.one(weighing: [.none: 40, .zeros: 10, .random: 50])
    let lossIsSilent = (dy == .none || dy == .zeros) && dstate != .random
    if lossIsSilent, lot.chance(0.8) { dstate = .random }
  }

  private mutating func drawMask(_ lot: inout Lot) {
    pad = lot.one(weighing: [.zeros: 18, .noise: 34, .huge: 16, .inf: 16, .nan: 16])
    guard lot.chance(0.45) else { return }
    guard T > 0 else { return mask = .all }
    let tokens = T > 64 && lot.chance(0.3) ? 64 : lot.integer(1...T)
    mask = lot.one(weighing: [
      .all: 12, .left(tokens): 20, .right(tokens): 14, .holes(chance: lot.one(of: [0.1, 0.5, 0.9])): 20,
      .onlyFirst: 7, .onlyLast: 7, .row(lot.integer(0...B - 1)): 7,
      .leftByRow(lot.integer(1...max(T / B, 1))): (B > 1 ? 10 : 0),
      .rightByRow(lot.integer(1...max(T / B, 1))): (B > 1 ? 8 : 0),
    ])
  }
}
