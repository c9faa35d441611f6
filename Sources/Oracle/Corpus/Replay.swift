import GatedDeltaRule
import Generator

/// A saved case heard again.
public struct Replay: Sendable {
  /// What became of it.
  public enum Outcome: Hashable, Sendable {
    /// As recorded.
    case same(Judgement)
    /// Another verdict, kind, result or figure than recorded: good news or bad, but news.
    case changed(Judgement, String)
    /// The recipe cannot be rendered, or renders to other tensors than it did: not the case that was saved.
    case notTheCase(String)
  }

  /// A figure counts as recorded within this relative difference: the reference uses the C library's functions, which
  /// differ between machines in their last bit.
  static let figureTolerance = 1e-3

  /// Hears the implementation that the finding is about.
  public static func hear(_ finding: Finding, _ implementation: any Implementation) -> Outcome {
    let problem: Problem
    do {
      problem = try Recipe(finding.recipe).render()
    } catch {
      return .notTheCase("\(error)")
    }
    guard problem.digest == finding.digest else {
      return .notTheCase("renders to \(problem.digest), recorded \(finding.digest)")
    }
    let judgement = CrossCheck(problem, recipe: finding.recipe).judge(implementation)
    if let kind = finding.kind, Property.named(kind) != nil, let recipe = try? Recipe(finding.recipe) {
      let known = Failure(
        implementation: implementation.name, isBackward: false, kind: kind, quantity: nil, severity: .infinity
      )
      let found = Court.failure(of: implementation, on: recipe, like: known)
      return found?.kind == kind ? .same(judgement) : .changed(judgement, "obeys \(kind) now")
    }
    return difference(finding, judgement).map { .changed(judgement, $0) } ?? .same(judgement)
  }

  private static func difference(_ finding: Finding, _ judgement: Judgement) -> String? {
    if case .refused(let reason) = judgement.verdict { return "is refused now: \(reason)" }
    let found = Finding.Expectation(judgement.verdict)
    guard found == finding.expectation else {
      return "must end \(finding.expectation.rawValue), now \(found.rawValue)"
    }
    guard finding.expectation != .agrees else { return nil }
    let kind = Failure.kind(of: judgement)
    if finding.kind != nil, kind != finding.kind {
      return "was \(finding.kind ?? "nothing"), now \(kind ?? "nothing")"
    }
    if let recorded = finding.ratio {
      let ratio = judgement.ratio ?? .infinity
      guard (ratio - recorded).magnitude <= figureTolerance * recorded.magnitude else {
        return "error over bound was \(Report.number(recorded)), now \(Report.number(ratio))"
      }
    }
    return nil
  }
}

extension Finding {
  /// A recipe with the verdict that it has now.
  public init(_ recipe: Recipe, _ implementation: any Implementation, why: String) throws {
    let problem = try recipe.render()
    let judgement = CrossCheck(problem, recipe: recipe.text).judge(implementation)
    self.init(recipe, digest: problem.digest, judgement, of: implementation.name, why: why)
  }

  init(_ recipe: Recipe, digest: String, _ judgement: Judgement, of implementation: String, why: String) {
    let expectation = Expectation(judgement.verdict)
    var quantity: Quantity?
    if case .degraded(let found) = judgement.verdict { quantity = found.quantity }
    if case .disagrees(let found) = judgement.verdict { quantity = found.quantity }
    self.init(
      recipe: recipe.text, digest: digest, implementation: implementation, expectation: expectation,
      kind: Failure.kind(of: judgement), quantity: quantity?.rawValue,
      ratio: expectation == .agrees ? nil : judgement.ratio, why: why)
  }
}
