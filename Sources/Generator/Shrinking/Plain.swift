extension Recipe {
  /// This recipe with one part made plain, for each part that is not: what no longer fails says which parts matter.
  ///
  /// Plain is what nothing is special about, which need not be the simplest to write: random keys, not equal ones.
  public func madePlain() -> [(part: String, recipe: Recipe)] {
    let plain = Recipe(T: T)
    let changes: [(part: String, recipe: Recipe)] = [
      ("batch rows", with { $0.B = 1 }), ("several heads", with { ($0.Hk, $0.Hv) = (1, 1) }),
      ("key channels", with { $0.Dk = 1 }), ("value channels", with { $0.Dv = 1 }),
      ("model level", with { $0.level = plain.level }),
      ("per-channel decay", with { $0.decayKind = plain.decayKind }),
      ("keys", with { $0.keys = plain.keys }), ("q", with { $0.queries = plain.queries }),
      ("v", with { $0.values = plain.values }), ("decay", with { $0.decay = plain.decay }),
      ("A_log", with { $0.A_log = plain.A_log }), ("dt_bias", with { $0.dt_bias = plain.dt_bias }),
      ("write", with { $0.write = plain.write }), ("state", with { $0.state = plain.state }),
      ("dy", with { $0.dy = plain.dy }), ("dstate", with { $0.dstate = plain.dstate }),
      ("mask", with { $0.mask = plain.mask }), ("pad", with { $0.pad = plain.pad }),
      ("precision", with { $0.precision = plain.precision }),
    ]
    return changes.map { ($0.part, $0.recipe.fitted()) }.filter { $0.recipe != self }
  }
}
