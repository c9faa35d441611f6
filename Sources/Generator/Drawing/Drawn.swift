import GatedDeltaRule

/// A case that was drawn, and what is known of it from drawing it.
package struct Drawn: Sendable {
  /// The case.
  package var recipe: Recipe
  /// The problem that it makes, where that is proved to be exact (`ExactArithmetic.strictest`): to be rendered and proved
  /// once.
  package private(set) var proved: Problem?

  init(recipe: Recipe, proved: Problem? = nil) { (self.recipe, self.proved) = (recipe, proved) }

  /// Asks in the calls that are drawn; the proof is one of the problem as it was.
  mutating func drawCalls(_ profile: Profile, seed: UInt64, index: UInt64) {
    let before = recipe
    recipe.drawCalls(profile, seed: seed, index: index)
    if recipe != before { proved = nil }
  }
}
