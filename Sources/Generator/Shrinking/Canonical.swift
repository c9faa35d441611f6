import GatedDeltaRule

/// The simplest recipes around one, for where one step after the other goes no further.
///
/// Making one part simpler after the other can end at several recipes, none of which leads to another (a state
/// without writes, a write without a state). Where one of these fails as well, it is the one to report, so that a
/// fault has one normal form whatever case it was met in.
extension Recipe {
  /// Simpler than this one and no larger in any size, simplest first: nothing special but its gates, or not even
  /// those, with every way to bring something into the state and to read it.
  public func canonical() -> [Recipe] {
    let grid = canonicalSizes.flatMap { sized in
      sized.fewTokens + sized.someTokens + sized.manyTokens
    }
    return Set((grid + exactNumbers + canonicalSessions).map { $0.fitted() }).filter {
      $0 < self && (try? $0.validate()) != nil
    }.sorted()
  }

  /// Its sizes, with one row, with one head, and with one of everything.
  private var canonicalSizes: [Recipe] {
    let row = with { $0.B = 1 }
    let head = with { ($0.Hk, $0.Hv) = (1, 1) }
    return [self, row, head, ofOne].reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Up to three tokens, with every combination of what the state is and what is written and masked.
  private var fewTokens: [Recipe] {
    (0...max(0, min(T, 3))).flatMap { T in
      gates.flatMap { gates in gates.states(T: T, masks: [.none, .left(1), .right(1)]) }
        + bare(decay: .constant(0)).with { $0.pad = .inf }.states(T: T, masks: [.left(1)])
        + [bare(decay: .constant(0)).with { ($0.T, $0.write) = (T, .logits(low: 0, high: 2)) }]
        + otherDecays.flatMap { gates in
          gates.states(T: T, masks: [mask]).filter { $0.dstate == .none && $0.write != .constant(0.5) }
        }
    }
  }

  /// Up to 16, for what takes a chunk or its edge.
  private var someTokens: [Recipe] {
    guard T > 3 else { return [] }
    return (4...min(T, 16)).flatMap { T in
      (gates + otherDecays).flatMap { gates in
        gates.states(T: T, masks: [.none]).filter { $0.write != .constant(0.5) }
      }
    }
  }

  /// Up to 96 with one decay, for what takes many.
  private var manyTokens: [Recipe] {
    guard T > 16 else { return [] }
    return (17...min(T, 96)).flatMap { T in
      [0, 1, 0.5, 0.9].map { beta in
        bare(decay: .constant(0)).with { ($0.T, $0.write) = (T, .constant(beta)) }
      }
    }
  }

  /// Without decay, with one that is easy to reckon with, and its own gates.
  private var gates: [Recipe] {
    let own = bare(decay: decay).with {
      ($0.level, $0.A_log, $0.dt_bias, $0.precision) = (level, A_log, dt_bias, precision)
    }
    let plainer = level == .model ? [own.withPlainParameters, own] : [own]
    return [bare(decay: .constant(0)), bare(decay: .constant(-1))] + severalDecays + plainer
  }

  /// Decays that are not the same in each head or channel, where there are several.
  private var severalDecays: [Recipe] {
    guard Hv > 1 || (decayKind == .perChannel && Dk > 1) else { return [] }
    return [
      bare(decay: .mixture(chance: 0.5, strong: -1, slow: 0)), bare(decay: .random(level: -1, spread: 1)),
    ]
  }

  /// Parameters that are drawn for each head or are numbers of many digits as a 1.
  private var withPlainParameters: Recipe {
    with {
      if $0.A_log != .constant(0) { $0.A_log = .constant(1) }
      if $0.dt_bias != .constant(0) { $0.dt_bias = .constant(1) }
    }
  }

  /// Its own gates with decays of few digits that are slow, strong and past the range.
  private var otherDecays: [Recipe] {
    guard let own = gates.last else { return [] }
    return [-1, -30, -200, -0.1, -1e-6].map { level in own.with { $0.decay = .constant(level) } }
  }

  /// Nothing but its sizes and the kind of its decay.
  private func bare(decay: DecayPattern) -> Recipe {
    Recipe(
      B: B, T: T, Hk: Hk, Hv: Hv, Dk: Dk, Dv: Dv, decayKind: decayKind, keys: .equal, decay: decay,
      write: .constant(0)
    ).with { ($0.contract, $0.calls) = (contract, calls) }
  }

  /// Where nothing is to be rounded, the same of ones, all of them or half.
  private var exactNumbers: [Recipe] {
    guard isExact else { return [] }
    return (1...max(1, min(T, 4))).flatMap { T in
      [100.0, 50].flatMap { fill in
        ofOne.gates.flatMap { $0.states(T: T, masks: [.none]) }.map { recipe in
          recipe.with { $0.numbers = .exact(largest: 1, fill: fill) }
        }
      }
    }
  }

  private func states(T: Int, masks: [Masking]) -> [Recipe] {
    masks.flatMap { mask in
      [InitialState.none, .random].flatMap { state in
        [StateCotangent.none, .random].flatMap { dstate in
          [0, 1, 0.5, 0.9].map { beta in
            with {
              ($0.T, $0.mask, $0.state, $0.dstate) = (T, mask, state, dstate)
              $0.write = .constant(beta)
            }
          }
        }
      }
    }
  }
}
