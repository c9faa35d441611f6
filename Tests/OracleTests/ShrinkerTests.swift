import GatedDeltaRule
import Generator
import Oracle
import Testing

/// What a reduction says of its end, on failures that are made up.
@Suite struct ShrinkerTests {
  private struct Nobody: Implementation {
    let name = "nobody"
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation { throw Refusal("not asked") }
  }

  /// Results that are off, and by which cause.
  private typealias Failing = (results: [Quantity], cause: Disagreement.Cause)

  private let origin = Recipe(T: 12).with { $0.keys = .equal }

  /// What nobody comes to: off in these results, or in none.
  private static func result(_ failing: Failing?) -> CaseResult {
    var judgement = Judgement(verdict: .agrees(ratio: 0))
    if let failing, let first = failing.results.first {
      judgement.verdict = .disagrees(
        Disagreement(
          test: .bound, quantity: first, index: [], expected: 0, found: 1, ratio: 100, cause: failing.cause,
          normError: 1))
      for quantity in failing.results { judgement.ratios[quantity] = 100 }
    }
    return CaseResult(Nobody(), judgement)
  }

  /// Reduces a recipe that fails, as others with fewer tokens do and nothing else.
  private func reduce(_ byTokens: [Int: Failing]) -> Shrinker.Result {
    func judge(_ recipe: Recipe) -> CaseResult {
      let isShorter = recipe == origin.with { $0.T = recipe.T }
      return Self.result(isShorter ? byTokens[recipe.T] : nil)
    }
    return Shrinker().shrink(origin, judge(origin), judge: judge).0
  }

  @Test func `minimal is where nothing simpler fails`() {
    let reduced = reduce([12: ([.dk], .wrongFormula), 6: ([.dk], .wrongFormula)])
    #expect(reduced.recipe.T == 6 && reduced.isMinimal && reduced.hasSimplerFailures == false)
    #expect(Report.reduction(reduced).hasPrefix("minimal: "))
  }

  @Test(arguments: [
    ([Quantity.dv], Disagreement.Cause.wrongFormula), ([.dk], .nonFinite),
  ])
  func `what fails otherwise on a simpler recipe is not minimal`(
    results: [Quantity], cause: Disagreement.Cause
  ) {
    let reduced = reduce([12: ([.dk], .wrongFormula), 1: (results, cause)])
    #expect(reduced.recipe.T == 12 && !reduced.isMinimal && reduced.hasSimplerFailures == true)
    #expect(Report.reduction(reduced).hasPrefix("reduced: "))
  }

  @Test func `what failed otherwise is taken once it belongs to the fault`() {
    let reduced = reduce([
      12: ([.dk], .wrongFormula), 1: ([.dv], .wrongFormula), 6: ([.dk, .dv], .wrongFormula),
    ])
    #expect(reduced.recipe.T == 1 && reduced.isMinimal)
  }

  @Test func `a budget that ends first says so`() {
    let reduced = Shrinker(budget: 3).shrink(origin, Self.result(([.y], .unknown))) { _ in Self.result(nil) }
      .0
    #expect(!reduced.isMinimal && reduced.hasSimplerFailures == nil && reduced.evaluations == 3)
    #expect(Report.reduction(reduced).hasPrefix("perhaps not minimal: "))
  }
}
