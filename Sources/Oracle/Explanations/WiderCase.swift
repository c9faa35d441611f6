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
  /// Which elements are off.
  let pattern: ErrorPattern

  /// The widest on which something is off; nil where nothing is, where the implementation takes none, or all would take
  /// long.
  init?(_ recipe: Recipe, _ implementation: any Implementation) {
    guard recipe.calls == nil else { return nil }
    for wider in recipe.wider where wider != recipe {
      guard let check = try? CrossCheck(wider), check.problem.shape.isSmall,
        implementation.refusal(of: check.problem) == nil,
        let answer = try? implementation.evaluate(check.problem, request: Request(recipe: wider.text))
      else { continue }
      let declaration = implementation.declaration(for: check.problem, answering: answer)
      guard let pattern = ErrorPattern(answer, to: check, for: declaration) else { continue }
      (self.check, self.answer, self.recipe) = (check, answer, wider)
      (self.declaration, self.pattern) = (declaration, pattern)
      return
    }
    return nil
  }
}

extension Recipe {
  /// Several of everything, in the middle of every range, where a fault hides behind nothing; the same with its own gates
  /// and keys; and with its own sizes but for heads and rows.
  fileprivate var wider: [Recipe] {
    var heads = self
    (heads.B, heads.Hk) = (max(B, 2), max(Hk, 2))
    heads.Hv = heads.Hk * max(Hv / max(Hk, 1), 2)
    var all = heads
    (all.T, all.Dk) = (max(T, 5), max(Dk, 4))
    all.Dv = Dk < 4 ? max(Dv, 8) : Dv
    (all.state, all.dy, all.dstate) = (.random, .random, .random)
    var plain = all
    (plain.keys, plain.queries, plain.values) = (.random, .random, .random)
    (plain.decay, plain.write) = (.constant(-0.5), .constant(0.5))
    return [plain, all, heads]
  }
}

extension Shape {
  /// Whether hundreds of plain evaluations of it take a second or two.
  var isSmall: Bool { B * T * Hv * Dk * Dv <= 1 << 18 }
}
