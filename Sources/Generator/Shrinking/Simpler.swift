import GatedDeltaRule

extension Recipe {
  /// Valid recipes that are strictly simpler than this one and no larger in any size, boldest first.
  ///
  /// An empty list means that nothing simpler of the same kind is left to try.
  public func simpler() -> [Recipe] {
    var seen: Set<Recipe> = []
    return (boldest + smaller + plainer + simplerMasks + simplerCases + simplerSeeds)
      .map { $0.fitted() }
      .filter {
        $0 < self && $0.isNoLarger(than: self) && seen.insert($0).inserted && (try? $0.validate()) != nil
      }
  }

  private func isNoLarger(than other: Recipe) -> Bool {
    zip(sizes, other.sizes).allSatisfy { $0.size <= $1.size }
  }

  /// This recipe with some changes.
  func with(_ change: (inout Recipe) -> Void) -> Recipe {
    var recipe = self
    change(&recipe)
    return recipe
  }

  /// Many parts at once, as most of them have nothing to do with a failure.
  private var boldest: [Recipe] {
    let tiny = with { ($0.B, $0.Hk, $0.Hv, $0.Dk, $0.Dv) = (1, 1, 1, 1, 1) }
    func bare(_ recipe: Recipe) -> Recipe {
      Recipe(
        B: recipe.B, T: recipe.T, Hk: recipe.Hk, Hv: recipe.Hv, Dk: recipe.Dk, Dv: recipe.Dv,
        keys: recipe.keys, decay: recipe.decay, write: recipe.write, seed: 0)
    }
    return [bare(tiny), tiny, bare(self)]
  }

  private var smaller: [Recipe] {
    let rows = Recipe.below(B, least: 1).map { B in with { $0.B = B } }
    let tokens = Recipe.below(T, least: 0).map { T in with { $0.T = T } }
    let channels = [with { ($0.Dk, $0.Dv) = (1, 1) }]
    let keyChannels = Recipe.below(Dk, least: 1).map { Dk in with { $0.Dk = Dk } }
    let valueChannels = Recipe.below(Dv, least: 1).map { Dv in with { $0.Dv = Dv } }
    return rows + tokens + fewerHeads + channels + keyChannels + valueChannels
  }

  private var fewerHeads: [Recipe] {
    let group = Hv / Hk
    let pairs =
      [(1, 1), (1, group), (Hk, Hk)] + Recipe.below(Hk, least: 1).map { ($0, $0 * group) }
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
  }

  /// Other masks, and padding taken away together with its tokens, which leaves the real ones as they are.
  private var simplerMasks: [Recipe] {
    var masks: [Recipe] = []
    switch mask {
    case .left(let tokens):
      masks.append(with { ($0.T, $0.mask) = (T - tokens, .none) })
      masks += Recipe.below(tokens, least: 1).map { less in
        with { ($0.T, $0.mask) = (T - tokens + less, .left(less)) }
      }
    case .right(let tokens):
      masks.append(with { ($0.T, $0.mask) = (T - tokens, .none) })
      masks += Recipe.below(tokens, least: 1).map { less in
        with { ($0.T, $0.mask) = (T - tokens + less, .right(less)) }
      }
    default: break
    }
    return masks + mask.simpler(like: [.left(1), .right(1)]).map { mask in with { $0.mask = mask } }
      + pad.simpler().map { pad in with { $0.pad = pad } }
  }

  private var simplerCases: [Recipe] {
    let vectors =
      keys.simpler().map { keys in with { $0.keys = keys } }
      + queries.simpler().map { queries in with { $0.queries = queries } }
    let gates =
      decay.simpler(like: decay.levels).map { decay in with { $0.decay = decay } }
      + A_log.simpler(like: [.constant(0)]).map { A_log in with { $0.A_log = A_log } }
      + dt_bias.simpler(like: [.constant(0)]).map { dt_bias in with { $0.dt_bias = dt_bias } }
      + write.simpler(like: WriteStrength.plain).map { write in with { $0.write = write } }
    let rest =
      values.simpler().map { values in with { $0.values = values } }
      + state.simpler().map { state in with { $0.state = state } }
      + dy.simpler().map { dy in with { $0.dy = dy } }
      + dstate.simpler().map { dstate in with { $0.dstate = dstate } }
    return vectors + gates + rest
  }

  private var simplerSeeds: [Recipe] {
    (0..<min(seed, 4)).map { seed in with { $0.seed = seed } }
  }
}

extension Recipe.DecayPattern {
  /// Constant decays that are part of a pattern.
  var levels: [Recipe.DecayPattern] {
    switch self {
    case .forget(_, let strong, let slow), .every(_, let strong, let slow), .tail(_, let strong, let slow),
      .mixture(_, let strong, let slow):
      [.constant(slow), .constant(strong), .forget(at: 0, strong: strong, slow: slow)]
    case .random(let level, _): [.constant(level), .constant(-1)]
    case .constant, .clamp, .input: [.constant(-1)]
    }
  }
}

extension Recipe.WriteStrength {
  /// beta that a person would write down.
  static let plain: [Recipe.WriteStrength] = [0, 1, 0.5, 0.9, 0.999].map { .constant($0) }
}
