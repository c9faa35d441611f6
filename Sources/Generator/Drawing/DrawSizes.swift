import GatedDeltaRule

extension Recipe {
  /// B, T, heads and channels.
  mutating func drawSizes(_ theme: Theme, _ profile: Profile, _ lot: inout Lot) {
    B = lot.one(weighing: [1: 50, 2: 35, 3: 15])
    switch theme {
    case .any: T = lot.tokens(profile.size)
    case .corner: T = lot.manyTokens(profile.size)
    case .tail: T = lot.tailTokens(profile.size)
    }
    drawHeads(&lot)
    Dk = lot.one(of: theme == .corner ? [1, 1, 2, 2, 3, 4, 8] : profile.channels)
    Dv = lot.chance(0.3) ? Dk : lot.one(of: profile.channels)
    if profile.size == .large, theme != .corner, lot.chance(0.25) { drawWide(&lot) }
  }

  /// Channels of a model, on both sides of a tile, for a few tokens: no room for both in a case that is judged fast.
  private mutating func drawWide(_ lot: inout Lot) {
    let widths = [64, 65, 96, 127, 128]
    (Dk, Dv) = (lot.one(of: widths), lot.one(of: widths))
    T = lot.one(of: [1, 3, 8, 16, 17])
  }

  /// Half of the cases have several key heads with several value heads each: with one of either, a wrong map from
  /// value heads to key heads is right.
  private mutating func drawHeads(_ lot: inout Lot) {
    if lot.chance(0.55) {
      Hk = lot.one(weighing: [2: 3, 3: 1])
      Hv = Hk * lot.one(weighing: [2: 4, 3: 2, 4: 1])
    } else {
      Hk = lot.one(weighing: [1: 4, 2: 2, 3: 1])
      Hv = Hk == 1 ? lot.integer(1...4) : Hk
    }
  }

  /// Makes the case cheap enough: channels first, then rows, then heads; the tokens stay. Where the channels are what
  /// the case is drawn for, they stay as well, as far as the tokens of such cases need.
  mutating func keepWork(below limit: Int, channels: [Int]) {
    while B * T * Hv * Dk * Dv > limit {
      let isWide = max(Dk, Dv) > channels.last ?? 0
      if !isWide, let smaller = channels.last(where: { $0 < max(Dk, Dv) }) {
        if Dk >= Dv { Dk = smaller } else { Dv = smaller }
      } else if B > 1 {
        B -= 1
      } else if Hv > 1 {
        (Hk, Hv) = Hv > Hk ? (Hk, Hk) : (Hk - 1, Hk - 1)
      } else {
        T /= 2
      }
    }
  }
}

extension Lot {
  /// Tokens: none, one, few, and the edges of sub-blocks and chunks.
  mutating func tokens(_ size: Profile.Size) -> Int {
    switch size {
    case .small:
      let edges = [7, 8, 9, 15, 16, 17, 31, 32, 33]
      return one(weighing: [
        0: 2, 1: 8, 2: 8, 3: 6, 4: 4, one(of: edges): 40, integer(1...33): 32,
      ])
    case .standard:
      let subBlock = [7, 8, 9, 15, 16, 17, 31, 32, 33]
      let chunk = [63, 64, 65, 127, 128, 129, 131]
      return one(weighing: [
        0: 2, 1: 6, 2: 6, 3: 4, one(of: subBlock): 20, one(of: chunk): 32, integer(4...64): 15,
        tailTokens(size): 15,
      ])
    case .large:
      return one(weighing: [
        integer(129...512): 5, 512: 3, 1024 + integer(0...15): 3, 2048 + integer(0...1): 2, 4096: 1,
      ])
    }
  }

  /// Enough tokens for a sub-block of 32 to hold some twenty.
  mutating func manyTokens(_ size: Profile.Size) -> Int {
    switch size {
    case .small: one(of: [24, 28, 31, 32, 33])
    case .standard: one(of: [33, 40, 48, 63, 64, 65, 80, 96, 127, 128, 129, 131])
    case .large: one(of: [256, 320, 512, 1024])
    }
  }

  /// A last chunk of 1 to 15 tokens, after any number of whole ones.
  mutating func tailTokens(_ size: Profile.Size) -> Int {
    switch size {
    case .small: integer(1...15)
    case .standard: integer(0...3) * 64 + integer(1...15)
    case .large: integer(4...16) * 64 + integer(1...15)
    }
  }
}
