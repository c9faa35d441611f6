import GatedDeltaRule

extension Recipe {
  /// Case `index` of the run with this seed, where it is one of those that nothing is rounded in: drawn, and thinned
  /// until it is proved for every form and format.
  ///
  /// What is thinned: fewer numbers that are not zero, smaller ones, fewer halves, more tokens that write nothing. A
  /// case that nothing is left of is proved, so that this ends.
  ///
  /// - Returns: nil where the family is so large that a proof takes longer than it may, or has channels in which the rule
  ///   rounds.
  static func drawExact(
    seed: UInt64, index: UInt64, profile: Profile, within restriction: Restriction = Restriction()
  ) -> Drawn? {
    var recipe = exactCandidate(seed: seed, index: index, profile: profile, within: restriction)
    guard recipe.isExact, recipe.Hv * recipe.Dk * recipe.Dv <= mostProved else { return nil }
    while let problem = try? recipe.render() {
      let ledger = problem.exactnessLedger(chunk: profile.steeringChunk)
      if ledger.isClear { return Drawn(recipe: recipe, proved: problem) }
      recipe = recipe.thinned(becauseOfPowers: ledger.isOfPowers)
    }
    return Drawn(recipe: recipe)
  }

  /// The same, before it is thinned.
  package static func exactCandidate(
    seed: UInt64, index: UInt64, profile: Profile, within restriction: Restriction = Restriction()
  ) -> Recipe {
    // "exact" in ASCII: other choices than those of the case that is not exact.
    var lot = Lot(seed: seed ^ 0x6578_6163_74, index: index)
    var recipe = Recipe(T: 0)
    recipe.drawExactSizes(profile, &lot)
    // "long" in ASCII: the other choices are what they are without it.
    var rare = Lot(seed: seed ^ 0x6c6f_6e67, index: index)
    recipe.drawLongOrManyRows(profile, &rare)
    recipe.decayKind = lot.chance(0.2) ? .perChannel : .scalar
    recipe.precision = lot.one(weighing: [.fp32: 50, .bf16: 35, .fp16: 15])
    // "gate" in ASCII.
    var ofModel = Lot(seed: seed ^ 0x6761_7465, index: index)
    recipe.contract = profile.contract(seed: seed, index: index)
    if recipe.contract.reachesHalves { recipe.drawExactLevel(&ofModel) }
    recipe.join(restriction)
    recipe.join(profile.families, &lot)
    while recipe.T > 1, recipe.B * recipe.T * recipe.Hv * recipe.Dk * recipe.Dv > mostProved {
      if recipe.B > 1 { recipe.B -= 1 } else { recipe.T /= 2 }
    }
    recipe.drawExactParts(&lot)
    // A model's gates have gradients where a token decays.
    if recipe.level == .model, ofModel.chance(0.8) { recipe.decay = recipe.fewHalvings }
    recipe.drawMask(profile, &lot)
    if restriction.excludesMasks { recipe.mask = .none }
    recipe.seed = UInt64(lot.integer(0...99999))
    // A scale of q by the root of Dk rounds nothing where that is a power of two.
    let isScaled = lot.chance(0.6) || recipe.contract.scale == .rsqrt
    if profile.families.isEmpty, isScaled { recipe.Dk = recipe.Dk < 16 ? 4 : recipe.Dk < 64 ? 16 : 64 }
    recipe.drawWithoutQueries(&lot)
    recipe.giveLengths()
    return recipe.fitted()
  }

  /// Where the root of Dk is no power of two, results that no query has been in are exact all the same.
  private mutating func drawWithoutQueries(_ lot: inout Lot) {
    guard Double(Dk).squareRoot().significand != 1, lot.chance(0.4) else { return }
    (dy, dstate) = (.zeros, .random)
  }

  /// Whether no declared form or format makes an error on this recipe.
  package var isProvedExact: Bool { (try? render())?.exactnessLedger(chunk: nil).isClear ?? false }

  /// Almost half at the level of a model, whose gates have gradients of their own: A_log is 0 there.
  private mutating func drawExactLevel(_ lot: inout Lot) {
    let bias = lot.one(weighing: [0: 5, 1: 3, -2: 2])
    guard lot.chance(0.45) else { return }
    (level, dt_bias) = (.model, .constant(Double(bias)))
  }

  /// Where a rule divides by a norm, none is zero.
  private mutating func giveLengths() {
    guard contract.queryKey != .given else { return }
    if keys == .orthogonal || keys == .zero { keys = .random }
    if queries == .orthogonal || queries == .zero { queries = .random }
  }

  /// The most that B T Hv Dk Dv may come to where a proof has to follow it.
  private static let mostProved = 1 << 20

  /// Some are of the channels and groups of real models, with the tokens that there is work for.
  private mutating func drawExactSizes(_ profile: Profile, _ lot: inout Lot) {
    drawSizes(.any, profile, &lot)
    if let chunk = profile.steeringChunk, lot.chance(0.3) { steerTokens(past: chunk, &lot) }
    if lot.chance(0.2) { Hv = Hk * lot.one(of: [5, 6, 8]) }
    // A proof is work as well: there is no room for thousands of tokens.
    let work = min(profile.work, Recipe.mostProved)
    if T > 600 { T = 129 + T % 448 }
    if profile.size != .small, lot.chance(0.1) {
      (Dk, Dv) = (lot.one(of: [64, 128]), lot.one(of: [64, 128]))
      (B, Hk) = (1, lot.one(of: [1, 2]))
      Hv = Hk * lot.one(weighing: [1: 1, 2: 3, 4: 2, 8: 1])
      T = lot.one(of: [1, 3, 17, 64, 65])
    }
    keepWork(below: work, channels: profile.channels)
    // Pairs of tokens of a chunk are what takes time in a proof: first rows go, then groups.
    while B * T * Hv > 1200, B > 1 { B -= 1 }
    if B * T * Hv > 1200 { (Hk, Hv) = (1, Hv / Hk) }
  }

  /// Now and then more tokens, or more rows, than a proof has room for otherwise: of few heads and channels.
  private mutating func drawLongOrManyRows(_ profile: Profile, _ lot: inout Lot) {
    guard profile.size != .small, lot.chance(0.08) else { return }
    (Hk, Hv) = (1, lot.one(of: [1, 2]))
    (Dk, Dv) = (lot.one(of: [4, 16]), lot.one(of: [3, 8]))
    (B, T) = lot.chance(0.6) ? (1, lot.integer(257...560)) : (lot.integer(4...8), lot.integer(1...40))
  }

  private mutating func drawExactParts(_ lot: inout Lot) {
    numbers = .exact(
      largest: lot.one(weighing: [1: 5, 2: 3, 4: 2]), fill: Double(lot.one(of: [10, 20, 30, 50])))
    keys = lot.one(weighing: [.random: 70, .orthogonal: 15, .flipped: 8, .equal: 5, .zero: 2])
    queries = lot.one(weighing: [.random: 75, .key: 12, .orthogonal: 10, .zero: 3])
    values = lot.chance(0.05) ? .zero : .random
    decay = lot.chance(0.55) ? fewHalvings : .constant(0)
    let (chance, zeros) = (lot.one(of: [0, 0.1, 0.2]), lot.one(of: [0, 0.1, 0.3]))
    write = .halves(chance: chance, zeros: min(max(zeros, idle), 0.8))
    state = lot.one(weighing: [.none: 20, .zeros: 6, .random: 62, .lastRow: 12])
    if state == .lastRow, B == 1 { state = .random }
    dy = lot.one(weighing: [.random: 76, .last: 12, .zeros: 5, .none: 7])
    dstate = lot.one(weighing: [.none: 25, .zeros: 8, .random: 67])
    if (dy == .none || dy == .zeros) && dstate != .random { dstate = .random }
  }

  /// Some four tokens that decay.
  private var fewHalvings: DecayPattern {
    .halves(chance: min(0.2, (400 / Double(max(T, 1))).rounded() / 100))
  }

  /// The share of tokens that must write nothing, so that the powers of a chunk's system have room: some twelve writes of
  /// a channel in a chunk, and eight in a sub-block of 16.
  private var idle: Double {
    let channels = keys == .equal || keys == .flipped ? 1 : Double(Dk)
    let share = 1 - min(12 * channels / Double(max(min(T, 64), 1)), 8 * channels / Double(max(min(T, 16), 1)))
    return (max(share, 0) * 20).rounded(.up) / 20
  }

  /// A little less of what keeps it from being exact.
  private func thinned(becauseOfPowers isOfPowers: Bool) -> Recipe {
    guard case .exact(let largest, let fill) = numbers, case .halves(let chance, let zeros) = write else {
      return self
    }
    var recipe = self
    if isOfPowers, zeros < 1 {
      // Writes that recur along one channel make powers that grow.
      if zeros >= 0.9, keys == .equal || keys == .flipped { recipe.keys = .random }
      let more = zeros > 0.9 ? 1 : ((zeros + (1 - zeros) / 3) * 100).rounded(.up) / 100
      recipe.write = .halves(chance: more > 0.8 ? 0 : chance, zeros: more)
      return recipe
    }
    if largest > 1 {
      recipe.numbers = .exact(largest: largest / 2, fill: fill)
    } else {
      recipe.numbers = .exact(largest: 1, fill: (fill * 0.6).rounded(.down))
      if case .halves(let chance) = decay, chance > 0 {
        recipe.decay = chance > 0.02 ? .halves(chance: (chance * 60).rounded(.down) / 100) : .constant(0)
      }
      if fill <= 10, chance > 0 { recipe.write = .halves(chance: 0, zeros: zeros) }
      if fill < 2 { recipe.write = .halves(chance: 0, zeros: 1) }
    }
    return recipe
  }
}

extension Problem {
  /// What a proof for every declared form and format comes across, and one in chunks that the implementations under test
  /// declare.
  fileprivate func exactnessLedger(chunk: Int?) -> ExactnessLedger {
    let ledger = ledger(of: .strictest)
    guard ledger.isClear, let chunk, chunk != ExactArithmetic.strictest.chunk else { return ledger }
    return self.ledger(of: ExactArithmetic(chunk: chunk, bits: 8))
  }
}
