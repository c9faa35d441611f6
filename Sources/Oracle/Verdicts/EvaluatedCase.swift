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
    doubles: DoubleRuns = .always, threads: Int = 1
  ) throws(RecipeError) {
    self.init(recipe, try CrossCheck(recipe, threads: threads), by: implementations, properties, doubles)
  }

  /// A case of a run: with the properties and the runs in fp64 that are drawn for it.
  package init(_ drawn: Drawn, by implementations: [any Implementation]) throws(RecipeError) {
    self.init(drawn.recipe, try CrossCheck(drawn), by: implementations, .drawn, .drawn)
  }

  private init(
    _ recipe: Recipe, _ check: CrossCheck, by implementations: [any Implementation],
    _ properties: PropertySelection, _ doubles: DoubleRuns
  ) {
    self.recipe = recipe
    results = implementations.map {
      check.judge($0, properties: properties, weighsEvidence: true, doubles: doubles).withoutTensors()
    }
  }
}
