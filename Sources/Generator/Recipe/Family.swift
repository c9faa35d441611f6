import GatedDeltaRule

/// Sizes and the format that a kernel is compiled for: a program that compiles anew for each of them is worth drawing
/// a few of only.
public struct Family: Hashable, Sendable, CustomStringConvertible {
  /// Key heads, value heads, channels of a key, channels of a value.
  public let Hk, Hv, Dk, Dv: Int
  /// The format of the inputs.
  public let precision: Precision

  /// That of a recipe.
  public init(of recipe: Recipe) {
    (Hk, Hv, Dk, Dv) = (recipe.Hk, recipe.Hv, recipe.Dk, recipe.Dv)
    precision = recipe.precision
  }

  /// Reads `Hk1-Hv2-Dk64-Dv64/bf16`, the words of a recipe.
  ///
  /// - Throws: `RecipeError`, as for a recipe.
  public init(_ text: String) throws(RecipeError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw RecipeError(text, "a family is written as Hk1-Hv2-Dk64-Dv64/bf16")
    }
    let recipe = try Recipe("v1/B1-T1-\(parts[0])/keys=equal/decay=none/write=0.5/\(parts[1])/seed=0")
    (Hk, Hv, Dk, Dv) = (recipe.Hk, recipe.Hv, recipe.Dk, recipe.Dv)
    precision = recipe.precision
    guard parts[1] == Recipe.word(of: precision) else { throw RecipeError(String(parts[1]), "is no format") }
  }

  /// As it is read: `Hk1-Hv2-Dk64-Dv64/bf16`.
  public var description: String { "Hk\(Hk)-Hv\(Hv)-Dk\(Dk)-Dv\(Dv)/\(Recipe.word(of: precision))" }

  /// Whether a recipe is of this family.
  func holds(_ recipe: Recipe) -> Bool {
    (recipe.Hk, recipe.Hv, recipe.Dk, recipe.Dv) == (Hk, Hv, Dk, Dv) && recipe.precision == precision
  }
}

extension Profile {
  /// Whether a recipe is one of the families that are asked for, any if none are, and nothing that is left out.
  public func takes(_ recipe: Recipe) -> Bool {
    (families.isEmpty || families.contains { $0.holds(recipe) }) && restriction.holds(recipe)
  }
}

extension Recipe {
  /// Gives the recipe the sizes and the format of one of these families, one batch row if it becomes long, and fewer
  /// tokens where no recipe may be as large.
  mutating func join(_ families: [Family], _ lot: inout Lot) {
    guard !families.isEmpty else { return }
    let family = lot.one(of: families)
    (Hk, Hv, Dk, Dv, precision) = (family.Hk, family.Hv, family.Dk, family.Dv, family.precision)
    if T > 64 || elementCount > Limit.elements { B = 1 }
    while elementCount > Limit.elements, T > 0 { T /= 2 }
    // As large as the states alone may be: no room for a decay of each channel.
    if elementCount > Limit.elements { decayKind = .scalar }
  }
}
