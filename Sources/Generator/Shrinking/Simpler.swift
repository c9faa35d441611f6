import GatedDeltaRule

extension Recipe {
  /// Valid recipes that are strictly simpler than this one and no larger in any size, boldest first.
  ///
  /// An empty list means that nothing simpler of the same kind is left to try.
  public func simpler() -> [Recipe] {
    var seen: Set<Recipe> = []
    return
      (boldest + oneCall + smaller + fewerCalls + plainer + withoutPadding + lessDangerous + simplerSeeds)
      .map { $0.fitted() }
      .filter {
        $0 < self && $0.isNoLarger(than: self) && seen.insert($0).inserted && (try? $0.validate()) != nil
      }
  }

  private func isNoLarger(than other: Recipe) -> Bool {
    zip(sizes, other.sizes).allSatisfy { $0.size <= $1.size }
  }

  /// This recipe with some changes.
  package func with(_ change: (inout Recipe) -> Void) -> Recipe {
    var recipe = self
    change(&recipe)
    return recipe
  }

  /// With one of everything but tokens.
  var ofOne: Recipe { with { ($0.B, $0.Hk, $0.Hv, $0.Dk, $0.Dv) = (1, 1, 1, 1, 1) } }

  /// Whether there is one of everything but tokens.
  package var isOfOne: Bool { [B, Hv, Dk, Dv].allSatisfy { $0 == 1 } }

  /// Many parts at once, as most of them have nothing to do with a failure.
  private var boldest: [Recipe] {
    let tiny = ofOne
    func bare(_ recipe: Recipe) -> Recipe {
      Recipe(
        B: recipe.B, T: recipe.T, Hk: recipe.Hk, Hv: recipe.Hv, Dk: recipe.Dk, Dv: recipe.Dv,
        keys: recipe.keys, decay: recipe.decay, write: recipe.write, seed: 0
      ).with { ($0.contract, $0.calls) = (recipe.contract, recipe.calls) }
    }
    return [bare(tiny), tiny, bare(self)]
  }

  private var smaller: [Recipe] {
    let rows = Recipe.below(B, least: 1).map { B in with { $0.B = B } }
    let tokens = Recipe.below(T, least: 0).map { T in with { $0.T = T } }
    let channels = [with { ($0.Dk, $0.Dv) = (1, 1) }]
    let keyChannels = Recipe.below(Dk, least: 1).map { Dk in with { $0.Dk = Dk } }
    let valueChannels = Recipe.below(Dv, least: 1).map { Dv in with { $0.Dv = Dv } }
    return rows + withoutOneRow + tokens + fewerHeads + channels + keyChannels + valueChannels
  }

  private var oneCall: [Recipe] { calls == nil ? [] : [with { $0.calls = nil }] }

  private var fewerCalls: [Recipe] {
    (calls?.simpler ?? []).map { calls in with { $0.calls = calls } }
  }

  private var fewerHeads: [Recipe] {
    let group = Hv / Hk
    let pairs =
      [(1, 1), (1, group), (1, Hv), (Hk, Hk)] + Recipe.below(Hk, least: 1).map { ($0, $0 * group) }
      + Recipe.below(group, least: 1).map { (Hk, Hk * $0) }
    return pairs.map { heads in with { ($0.Hk, $0.Hv) = heads } }
  }

  /// Sizes below this one, boldest first: powers of two from below, then ever smaller steps from above.
  static func below(_ size: Int, least: Int) -> [Int] {
    guard size > least else { return [] }
    var sizes = [least]
    var power = 1
    while power < size / 2 { (sizes, power) = (sizes + [power], power * 2) }
    var step = size / 2
    while step >= 1 { (sizes, step) = (sizes + [size - step], step / 2) }
    return sizes.filter { $0 >= least }
  }

  private var plainer: [Recipe] {
    [with { $0.level = .core }, with { $0.decayKind = .scalar }, with { $0.precision = .fp32 }]
      + contract.plainer.map { contract in with { $0.contract = contract } }
  }

  /// Padding taken away together with its tokens, which leaves the real ones as they are.
  private var withoutPadding: [Recipe] {
    func fewer(_ tokens: Int, _ mask: (Int) -> Masking) -> [Recipe] {
      [with { ($0.T, $0.mask) = (T - tokens, .none) }]
        + Recipe.below(tokens, least: 1).map { less in
          with { ($0.T, $0.mask) = (T - tokens + less, mask(less)) }
        }
    }
    switch mask {
    case .left(let tokens): return fewer(tokens, Masking.left)
    case .right(let tokens): return fewer(tokens, Masking.right)
    default: return []
    }
  }

  private var lessDangerous: [Recipe] {
    Dimension.boldestFirst.flatMap { dimension in
      dimension.simpler(than: dimension.place(self)).map { place in with { dimension.put(&$0, place) } }
    }
  }

  private var simplerSeeds: [Recipe] {
    (0..<min(seed, 4)).map { seed in with { $0.seed = seed } }
  }
}

extension Dimension {
  /// Simpler places: those without numbers first, then those that are part of this one, then this one with simpler
  /// numbers. Some may not be simpler in the order of recipes, which has the last word.
  fileprivate func simpler(than place: Place) -> [Place] {
    let danger = dangers[place.rank]
    let bare = dangers.prefix(place.rank).filter(\.parameters.isEmpty).map { ($0.word, [] as [Double]) }
    let fewer = place.numbers.indices.flatMap { index in
      danger.parameters[index].simpler(than: place.numbers[index]).map { number in
        var numbers = place.numbers
        numbers[index] = number
        return (danger.word, numbers)
      }
    }
    return (bare + (danger.simpler?(place.numbers) ?? simpler) + fewer).compactMap { self.place($0, $1) }
  }
}
