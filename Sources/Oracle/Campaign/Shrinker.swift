import Generator

/// Reduces a failing recipe to the simplest that still fails in the same way.
public struct Shrinker: Sendable {
  /// What came out.
  public struct Result: Sendable, Hashable, Codable {
    /// The simplest recipe found.
    public let recipe: Recipe
    /// How it fails.
    public let failure: Failure
    /// Recipes that were judged.
    public let evaluations: Int
    /// Whether no candidate simpler by one step fails; otherwise the budget ended first.
    public let isMinimal: Bool
  }

  /// Recipes that may be judged.
  public var budget: Int

  /// By default a thousand evaluations, about four times what the median finding needs.
  public init(budget: Int = 1000) { self.budget = budget }

  /// Tries the candidates of `Recipe.simpler`, boldest first, and starts again from the first that still fails, until
  /// none does; then the few of `Recipe.canonical`. Every candidate is strictly simpler than the last, so this ends,
  /// and where it ends depends on nothing but the recipe.
  ///
  /// - Parameters:
  ///   - isOver: asked before every evaluation: whether to be content with what there is.
  ///   - judge: how a recipe fails, or nil.
  public func shrink(
    _ recipe: Recipe, failing original: Failure, unless isOver: () -> Bool = { false },
    judge: (Recipe) -> Failure?
  ) -> Result {
    var (current, failure) = (recipe, original)
    var tried: Set<Recipe> = [recipe]
    var evaluations = 0
    /// Goes to the first candidate that fails as the original did; nil if the budget or the time ends before.
    func descend(to candidates: [Recipe]) -> Bool? {
      for candidate in candidates where tried.insert(candidate).inserted {
        guard evaluations < budget, !isOver() else { return nil }
        evaluations += 1
        if let found = judge(candidate), original.isShown(by: found) {
          (current, failure) = (candidate, found)
          return true
        }
      }
      return false
    }
    var isMinimal = false
    while let descended = descend(to: current.simpler()) {
      if descended { continue }
      guard let normalised = descend(to: current.canonical()) else { break }
      guard !normalised else { continue }
      isMinimal = true
      break
    }
    return Result(recipe: current, failure: failure, evaluations: evaluations, isMinimal: isMinimal)
  }
}
