import GatedDeltaRule

extension Recipe {
  /// Case `index` of the run with this seed: the same recipe on every machine, whatever was drawn before it.
  ///
  /// Angles and logits have uniform priors: that alone meets an unstable solve within a few cases, which a prior
  /// that looks like a model misses for ever.
  public static func draw(seed: UInt64, index: UInt64, profile: Profile = .standard) -> Recipe {
    drawn(seed: seed, index: index, profile: profile).recipe
  }

  /// The same, with what is known of it.
  package static func drawn(seed: UInt64, index: UInt64, profile: Profile) -> Drawn {
    let drawn = drawn(seed: seed, index: index, profile: profile, within: Restriction())
    // What is left out is drawn again as something that is not; the other cases are what they are without that.
    return profile.restriction.holds(drawn.recipe)
      ? drawn : self.drawn(seed: seed, index: index, profile: profile, within: profile.restriction)
  }

  private static func drawn(
    seed: UInt64, index: UInt64, profile: Profile, within restriction: Restriction
  ) -> Drawn {
    // Of a place of its own, so that the other cases are what they are in any share.
    let choice = Address(seed: seed, name: "exact").at(Int(truncatingIfNeeded: index)).uniform
    let contract = profile.contract(seed: seed, index: index)
    if choice < profile.exactShare, profile.keepsWholeNumbers(contract),
      restriction.level != .model || contract.reachesHalves,
      var drawn = drawExact(seed: seed, index: index, profile: profile, within: restriction)
    {
      drawn.drawCalls(profile, seed: seed, index: index)
      return drawn
    }
    var lot = Lot(seed: seed, index: index)
    let theme = lot.one(weighing: Theme.weights)
    var recipe = Recipe(T: 0)
    let isRoomy = isRoomy(profile, seed: seed, index: index)
    if isRoomy { recipe.drawRoomySizes(profile, &lot) } else { recipe.drawSizes(theme, profile, &lot) }
    if let chunk = profile.steeringChunk, isSteered(seed: seed, index: index) {
      recipe.steerTokens(past: chunk, &lot)
    }
    recipe.level = lot.chance(0.45) ? .model : .core
    recipe.decayKind = lot.chance(theme == .corner ? 0.08 : 0.2) ? .perChannel : .scalar
    recipe.keepWork(below: profile.work, channels: isRoomy ? Profile.widths : profile.channels)
    recipe.precision = lot.one(weighing: [.fp32: 65, .bf16: 22, .fp16: 13])
    recipe.join(restriction)
    recipe.join(profile.families, &lot)
    recipe.drawVectors(profile, &lot)
    recipe.drawGates(profile, &lot)
    recipe.drawStates(profile, &lot)
    recipe.drawMask(profile, &lot)
    switch theme {
    case .any: break
    case .corner: recipe.drawCorner(&lot)
    case .tail: recipe.drawTail(&lot)
    }
    if restriction.excludesMasks { recipe.mask = .none }
    recipe.seed = UInt64(lot.integer(0...99999))
    recipe = recipe.fitted()
    recipe.join(profile, seed: seed, index: index)
    recipe.drawCalls(profile, seed: seed, index: index)
    return Drawn(recipe: recipe)
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
    let rows = tailRows
    let (strong, slow) = (lot.one(of: Atoms.strong), lot.one(of: Atoms.slow))
    decay = lot.one(weighing: [
      .tail(rows: rows, strong: strong, slow: slow): 3, .constant(strong): 2,
      .forget(at: max(T - rows, 0), strong: strong, slow: slow): 2,
      .forget(at: max(T - 1, 0), strong: strong, slow: slow): 1,
    ])
    if case .constant(let value) = A_log, !(0...4).contains(value) { A_log = .heads }
  }

  private mutating func drawVectors(_ profile: Profile, _ lot: inout Lot) {
    var draft = Draft(self, profile)
    draft.drawKeys(&lot)
    draw([.keys, .queries, .values], from: draft, &lot)
  }

  /// Decay and write strength, at the atoms where kernels break and between them.
  private mutating func drawGates(_ profile: Profile, _ lot: inout Lot) {
    var draft = Draft(self, profile)
    draft.drawDecay(&lot)
    draw([.decay], from: draft, &lot)
    draft.drawWrite(&lot)
    draw([.write], from: draft, &lot)
    guard level == .model else { return }
    draft.drawGateParameters(&lot)
    draw([.A_log, .dt_bias], from: draft, &lot)
    if lot.chance(0.35) { decay = lot.input(from: Atoms.input) }
    // e^100 overflows fp32, and total decay is all that is left of it; times a softplus that underflows to 0 it
    // would be NaN in fp32, which is the edge of the domain.
    if A_log == .constant(100) { decay = lot.input(from: Atoms.input.filter { $0 >= -17 }) }
  }

  private mutating func drawStates(_ profile: Profile, _ lot: inout Lot) {
    draw([.state, .dy, .dstate], from: Draft(self, profile), &lot)
    let lossIsSilent = (dy == .none || dy == .zeros) && dstate != .random
    if lossIsSilent, lot.chance(0.8) { dstate = .random }
  }

  mutating func drawMask(_ profile: Profile, _ lot: inout Lot) {
    var draft = Draft(self, profile)
    draw([.pad], from: draft, &lot)
    guard lot.chance(0.45) else { return }
    guard T > 0 else { return mask = .all }
    draft.drawMask(&lot)
    draw([.mask], from: draft, &lot)
  }

  private mutating func draw(_ dimensions: [Dimension], from draft: Draft, _ lot: inout Lot) {
    for dimension in dimensions { dimension.put(&self, dimension.draw(from: draft, &lot)) }
  }
}

extension Lot {
  /// A level of a + dt_bias, alone or with the noise of a real projection.
  fileprivate mutating func input(from atoms: [Double]) -> Recipe.DecayPattern {
    .input(one(of: atoms), noise: chance(0.4) ? 1 : 0)
  }
}

extension Dimension {
  /// A danger by weight, with its numbers.
  fileprivate func draw(from draft: Draft, _ lot: inout Lot) -> Place {
    func weight(_ choice: Int) -> Int {
      choices[choice].chance.isOpen?(draft) ?? true ? choices[choice].chance.weight : 0
    }
    let choice = choices[lot.index(among: choices.count, weight: weight)]
    return Place(rank: choice.rank, numbers: choice.chance.numbers?(draft) ?? [])
  }
}
