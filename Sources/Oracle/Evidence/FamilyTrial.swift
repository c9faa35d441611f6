import GatedDeltaRule
import Generator

/// One implementation on fresh cases of the family of a recipe: the same line with other seeds. What no single case
/// shows is shown by them together.
package struct FamilyTrial: Sendable {
  /// What it came to: the first case that fails by itself, or what the evidence convicts, or agreement.
  package let result: CaseResult
  /// The case that fails by itself, if one does.
  package let recipe: Recipe?
  /// Cases that were evaluated.
  package let cases: Int
  /// Those of them that were compared with twins.
  package let compared: Int

  /// Draws cases until something is wrong or there are enough.
  ///
  /// - Parameter limit: cases at most.
  /// - Throws: `RecipeError` if the recipe makes no problem.
  package init(
    _ recipe: Recipe, _ implementation: any Implementation, limit: Int
  ) throws(RecipeError) {
    var evidence = RunEvidence()
    var (ended, judged): ((CaseResult, Recipe?)?, Int) = (nil, 0)
    var worst = 0.0
    while judged < max(1, limit), ended == nil {
      var fresh = recipe
      fresh.seed = (recipe.seed &+ UInt64(judged + 1)) % FamilyTrial.seeds
      let one = try CrossCheck(fresh).judge(implementation, properties: .none, weighsEvidence: true)
        .withoutTensors()
      judged += 1
      if let more = one.evidence { evidence.add(more, at: judged) }
      guard one.grade == .agrees else {
        ended = (one, fresh)
        break
      }
      worst = max(worst, one.judgement.worst?.ratio ?? 0)
      ended = evidence.convictions(among: 1).first.map {
        (CaseResult(convicting: implementation.name, Judgement($0, among: 1)), nil)
      }
    }
    (cases, compared) = (judged, evidence.cases)
    (result, self.recipe) =
      ended ?? (CaseResult(implementation, Judgement(verdict: .agrees(ratio: worst))), nil)
  }

  /// Seeds are no larger than what is drawn.
  private static let seeds: UInt64 = 100_000
}
