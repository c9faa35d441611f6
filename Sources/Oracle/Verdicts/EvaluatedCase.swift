import GatedDeltaRule
import Generator

/// One case and what each implementation came to on it. References, bounds and what properties turn the problem into are made once
/// for all of them.
package struct EvaluatedCase: Sendable {
  /// The case.
  package let recipe: Recipe
  /// One for each implementation, in their order, without tensors.
  package let results: [CaseResult]
  /// Whether the run came to its end before all answers did: the case is then as if it had not been begun.
  package var wasInterrupted: Bool { results.contains { $0.judgement.wasInterrupted } }

  /// Renders the recipe and judges every implementation on it.
  ///
  /// - Parameter threads: of one evaluation and of the reference: one where cases are evaluated side by side.
  /// - Throws: `RecipeError` if the recipe makes no problem.
  package init(
    _ recipe: Recipe, by implementations: [any Implementation], properties: PropertySelection = .drawn,
    threads: Int = 1
  ) throws(RecipeError) {
    let check = try CrossCheck(recipe, threads: threads)
    self.recipe = recipe
    results = implementations.map {
      check.judge($0, properties: properties, weighsEvidence: true).withoutTensors()
    }
  }
}
