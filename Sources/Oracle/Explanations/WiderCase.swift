import GatedDeltaRule
import Generator

/// A reduced case with several of everything, and what an implementation answers to it: where the fault is, and which fault
/// it is, shows there.
package struct WiderCase {
  let check: CrossCheck
  let answer: Evaluation
  let declaration: Declaration
  /// Its recipe.
  package let recipe: Recipe

  /// As wide as the implementation takes it; nil where it takes none, or all would take long.
  init?(_ recipe: Recipe, _ implementation: any Implementation) {
    guard recipe.calls == nil else { return nil }
    var heads = recipe
    (heads.B, heads.Hk) = (max(recipe.B, 2), max(recipe.Hk, 2))
    heads.Hv = heads.Hk * max(recipe.Hv / max(recipe.Hk, 1), 2)
    var all = heads
    (all.T, all.Dk) = (max(recipe.T, 5), max(recipe.Dk, 4))
    all.Dv = recipe.Dk < 4 ? max(recipe.Dv, 8) : recipe.Dv
    (all.state, all.dy, all.dstate) = (.random, .random, .random)
    for wider in [all, heads] where wider != recipe {
      guard let check = try? CrossCheck(wider), check.problem.shape.isSmall,
        implementation.refusal(of: check.problem) == nil,
        let answer = try? implementation.evaluate(check.problem, request: Request(recipe: wider.text))
      else { continue }
      (self.check, self.answer, self.recipe) = (check, answer, wider)
      declaration = implementation.declaration(for: check.problem, answering: answer)
      return
    }
    return nil
  }

  /// Which elements are off; nil where none is.
  var pattern: ErrorPattern? { ErrorPattern(answer, to: check, for: declaration) }
}

extension Shape {
  /// Whether hundreds of plain evaluations of it take a second or two.
  var isSmall: Bool { B * T * Hv * Dk * Dv <= 1 << 18 }
}
