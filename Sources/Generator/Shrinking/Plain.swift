extension Recipe {
  /// This recipe with one part made plain, for each part that is not: what no longer fails says which parts matter.
  ///
  /// Plain is what nothing is special about, which need not be the simplest to write: random keys, not equal ones.
  public func madePlain() -> [(part: String, recipe: Recipe)] {
    let plain = Recipe(T: T)
    let changes: [(part: String, recipe: Recipe)] =
      [
        ("batch rows", with { $0.B = 1 }), ("several heads", with { ($0.Hk, $0.Hv) = (1, 1) }),
        ("key channels", with { $0.Dk = 1 }), ("value channels", with { $0.Dv = 1 }),
        ("model level", with { $0.level = plain.level }),
        ("per-channel decay", with { $0.decayKind = plain.decayKind }),
      ] + Dimension.all.map { part in (part.name, with { part.put(&$0, part.plain) }) } + [
        ("precision", with { $0.precision = plain.precision }),
        ("contract", with { $0.contract = plain.contract }), ("calls", with { $0.calls = nil }),
      ]
    return changes.map { ($0.part, $0.recipe.fitted()) }.filter { $0.recipe != self }
  }
}
