import GatedDeltaRule
import Generator

/// How a wrong answer came about.
extension Blind {
  /// Looks how a wrong answer came about: by knowing which case it is, or by coarser products than are declared.
  package func examine(_ recipe: Recipe) {
    guard recipe.calls == nil, let problem = try? recipe.render(), !problem.needsDouble else { return }
    base.startAfresh()
    if let told = try? base.evaluate(problem, request: Request(recipe: recipe.text)),
      let untold = try? base.evaluate(problem, request: Request())
    {
      let isTold = !isWrong(told, to: problem) && isWrong(untold, to: problem)
      note(.recipe, isTold ? "" : nil, on: recipe.text)
    }
    var other = recipe.tame
    other.seed &+= 1
    let coarser = coarserProducts(on: [recipe, recipe.tame, other])
    note(.precision, coarser.map { "of \($0.rawValue) at least" }, on: recipe.text)
  }

  /// The finest format of products by which all answers agree of which some do not by what is declared: what the bound
  /// allows may be coarser still.
  private func coarserProducts(on recipes: [Recipe]) -> ProductFormat? {
    let answered = recipes.compactMap { recipe -> (CrossCheck, Evaluation, Declaration)? in
      guard let check = try? CrossCheck(recipe),
        let answer = try? base.evaluate(check.problem, request: Request())
      else { return nil }
      return (check, answer, base.declaration(for: check.problem, answering: answer))
    }
    func agrees(_ one: (CrossCheck, Evaluation, Declaration), _ declaration: Declaration) -> Bool {
      one.0.judge(evaluation: one.1, double: nil, declaration: declaration).verdict.grade == .agrees
    }
    // What agrees now was wrong for another reason.
    let wrong = answered.filter { !agrees($0, $0.2) }
    guard answered.count > 1, !wrong.isEmpty, wrong.allSatisfy({ looksRounded($0.1, $0.0, $0.2) }) else {
      return nil
    }
    return [ProductFormat.tf32, .fp16, .bf16].first { format in
      answered.allSatisfy { one in
        guard one.2.products.unitRoundoff < format.unitRoundoff else { return false }
        var coarse = one.2
        coarse.products = format
        if coarse.form == .sequential { coarse.form = .chunked(length: 64) }
        return agrees(one, coarse)
      }
    }
  }

  /// Whether the errors of a wrong answer may be roundings: not where fp64 has them too, nor where each is a gain of its
  /// result, nor where the gates' gradients alone are off.
  private func looksRounded(_ answer: Evaluation, _ check: CrossCheck, _ declaration: Declaration) -> Bool {
    if declaration.offersDouble {
      let double = try? base.evaluate(check.problem, request: Request(arithmetic: .double))
      let judgement = check.judge(evaluation: answer, double: double, declaration: declaration)
      if judgement.doubleRatios.values.contains(where: { !($0 <= 1) }) { return false }
    }
    let wrong = wrongResults(of: answer, to: check.problem).subtracting([.da, .db, .dA_log, .ddt_bias])
    let reference = check.reference(for: declaration)
    return wrong.contains { quantity in
      guard let found = answer[quantity], let expected = reference[quantity] else { return false }
      return !found.isGain(of: expected)
    }
  }
}
