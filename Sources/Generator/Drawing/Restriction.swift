import GatedDeltaRule

/// What a run draws, where the rest is taken by nobody under test or not asked for.
public struct Restriction: Hashable, Sendable {
  /// Cases of this level alone; nil for both.
  public var level: Level?
  /// Cases of this kind of decay alone; nil for both.
  public var decayKind: DecayKind?
  /// Whether no case has a mask.
  public var excludesMasks = false
  /// Formats of the inputs; empty for any.
  public var precisions: [Precision] = []

  /// Nothing is left out.
  public init() {}

  /// Whether a recipe is drawn under it.
  public func holds(_ recipe: Recipe) -> Bool {
    (level ?? recipe.level) == recipe.level && (decayKind ?? recipe.decayKind) == recipe.decayKind
      && (!excludesMasks || recipe.mask == .none)
      && (precisions.isEmpty || precisions.contains(recipe.precision))
  }

  /// The same with what another asks for, where this one leaves it open.
  public func filled(by other: Restriction) -> Restriction {
    var filled = self
    filled.level = level ?? other.level
    filled.decayKind = decayKind ?? other.decayKind
    filled.excludesMasks = excludesMasks || other.excludesMasks
    if precisions.isEmpty { filled.precisions = other.precisions }
    return filled
  }
}

extension Recipe {
  /// Takes the level, the decay and the format of a restriction. What depends on them is drawn after it.
  mutating func join(_ restriction: Restriction) {
    level = restriction.level ?? level
    decayKind = restriction.decayKind ?? decayKind
    if let first = restriction.precisions.first, !restriction.precisions.contains(precision) {
      precision = first
    }
  }
}
