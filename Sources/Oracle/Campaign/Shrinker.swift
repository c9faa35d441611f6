import GatedDeltaRule
import Generator
import Machine

/// Reduces a failing recipe to the simplest that still fails in the same way.
package struct Shrinker: Sendable {
  /// What came out.
  package struct Result: Sendable, Hashable, Codable {
    /// The simplest recipe found.
    package let recipe: Recipe
    /// How it fails.
    package let failure: Failure
    /// Recipes that were judged.
    package let evaluations: Int
    /// Whether nothing simpler by one step fails in any way, and no canonical recipe that is simpler.
    package let isMinimal: Bool
    /// Whether something of it fails in another way or by less, if that is why it is not minimal; nil in old records.
    /// Otherwise the budget ended first.
    package private(set) var hasSimplerFailures: Bool?
  }

  /// Recipes that may be judged.
  package var budget: Int
  /// Of those the ones that may be looked at for a wrong answer behind a property.
  private static let lookedAtFirst = 800

  /// By default as many as the descent and the canonical recipes around its end may take, which are more for sessions.
  package init(budget: Int = 3000) { self.budget = budget }

  /// For what twins show: each candidate takes dozens of evaluations, and most of a small one show less, so that a large case
  /// stays as it is. By the size of the case, so that a run ends the same on every machine.
  init(askingTwinsOf recipe: Recipe) {
    let elements = Double(recipe.B * recipe.Hv * recipe.T) * Double(recipe.Dk * recipe.Dv)
    let work = 12 * elements * Double(TwinRuns.usual * 4)
    budget = Int(min(100, 8 * CaseEvidence.budget / max(work, 1)))
  }

  /// Reduces how an implementation fails, among the recipes that a profile takes.
  ///
  /// - Parameters:
  ///   - underlying: of a violated property, how an answer fails to a problem that it makes of the case.
  ///   - deadline: when nobody waits for an evaluation any more; nil to wait for each.
  ///   - isOver: asked before and after every evaluation: whether to be content with what there is.
  /// - Returns: the reduction, and what the implementation came to on the simplest recipe.
  /// - Precondition: `result`, on `recipe`, is a failure.
  package func shrink(
    _ recipe: Recipe, _ result: CaseResult, of implementation: any Implementation, in profile: Profile,
    underlying: Failure? = nil, until deadline: Deadline? = nil, unless isOver: () -> Bool = { false }
  ) -> (Result, CaseResult) {
    shrink(recipe, result, underlying: underlying, unless: isOver) { recipe in
      guard profile.takes(recipe) else { return nil }
      let judged = outcome(by: deadline) {
        try? CrossCheck(recipe).judge(implementation, properties: .like(result.failure))
      }
      return judged ?? nil
    }
  }

  /// Where a property sees a fault by way of a wrong answer, a case that gets such an answer itself is looked for first,
  /// among those of `Recipe.canonical`: it says more, and the fault has one normal form whatever saw it.
  ///
  /// Tries the candidates of `Recipe.simpler`, boldest first, and starts again from the first that still fails, until
  /// none does; then the few of `Recipe.canonical`. Every candidate is strictly simpler than the last, so this ends,
  /// and where it ends depends on nothing but the recipe. What is looked for grows on the way, so that a candidate that
  /// failed otherwise before is taken later, without being judged again.
  ///
  /// - Parameters:
  ///   - underlying: of a violated property, how an answer fails to a problem that it makes of the case.
  ///   - isOver: asked before and after every evaluation: whether to be content with what there is.
  ///   - judge: what a recipe comes to; nil for one that is no candidate.
  /// - Precondition: `result`, on `recipe`, is a failure.
  package func shrink(
    _ recipe: Recipe, _ result: CaseResult, underlying: Failure? = nil,
    unless isOver: () -> Bool = { false },
    judge: (Recipe) -> CaseResult?
  ) -> (Result, CaseResult) {
    guard let original = result.failure else { preconditionFailure("nothing fails on \(recipe)") }
    var (current, simplest, failure, sought) = (recipe, result, original, original)
    var tried: Set<Recipe> = [recipe]
    var failing: [Recipe: CaseResult] = [:]
    var evaluations = 0
    /// Goes to the first candidate that fails as the original did; nil if the budget or the time ends before.
    func descend(to candidates: [Recipe]) -> Bool? {
      for candidate in candidates {
        let isNew = !tried.contains(candidate)
        if isNew {
          guard evaluations < budget, !isOver() else { return nil }
          evaluations += 1
          tried.insert(candidate)
          if let result = judge(candidate), result.failure != nil {
            failing[candidate] = result.withoutTensors()
          }
        }
        if let result = failing[candidate], let found = result.failure, sought.isShown(by: found) {
          (current, simplest, failure) = (candidate, result, found)
          sought = sought.joined(with: found)
          return true
        }
        // It may not have been answered any more.
        if isNew, isOver() { return nil }
      }
      return false
    }
    var hasSimplerFailures: Bool?
    if let underlying {
      sought = underlying
      let canonical = current.canonical()
      let ofOne = canonical.filter(\.isOfOne)
      let first = (ofOne + canonical.filter { !$0.isOfOne }).prefix(Shrinker.lookedAtFirst)
      if descend(to: Array(first)) != true { sought = original }
    }
    while let descended = descend(to: current.simpler()) {
      if descended { continue }
      guard let normalised = descend(to: current.canonical()) else { break }
      guard !normalised else { continue }
      // Where a wrong answer took a property's place, what the property sees on simpler ones is the same.
      let isOfAnswers = Property.named(failure.kind) == nil
      hasSimplerFailures = (current.simpler() + current.canonical()).contains { simpler in
        failing[simpler].map { !isOfAnswers || $0.brokenProperty == nil } ?? false
      }
      break
    }
    let reduction = Result(
      recipe: current, failure: failure, evaluations: evaluations, isMinimal: hasSimplerFailures == false,
      hasSimplerFailures: hasSimplerFailures)
    return (reduction, simplest)
  }
}
