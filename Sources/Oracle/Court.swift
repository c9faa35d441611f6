import GatedDeltaRule
import Generator

/// The accused, and how a case is heard.
public struct Court: Sendable {
  /// Who stands before it, in the order of the reports.
  public let accused: [any Implementation]

  /// Nobody is heard yet.
  public init(accused: [any Implementation]) { self.accused = accused }

  /// What one implementation came to on one recipe.
  public struct Statement: Sendable {
    /// Whose.
    public let implementation: String
    /// Whether it is known to fail.
    public let isControl: Bool
    /// The oracle's.
    public let judgement: Judgement
    /// What it is charged with, if anything.
    public let failure: Failure?
  }

  /// One recipe before the whole court.
  public struct Hearing: Sendable {
    /// The case.
    public let recipe: Recipe
    /// One for each of the accused, in their order.
    public let statements: [Statement]
  }

  /// Renders the recipe and judges everybody on it.
  ///
  /// - Throws: `RecipeError` if the recipe makes no problem.
  public func hear(_ recipe: Recipe) throws(RecipeError) -> Hearing {
    let check = CrossCheck(try recipe.render(), recipe: recipe.text)
    return Hearing(recipe: recipe, statements: accused.map { Court.statement(of: $0, in: check) })
  }

  /// How one implementation fails on a recipe, or nil; a recipe that makes no problem fails nobody.
  public static func failure(of implementation: any Implementation, on recipe: Recipe) -> Failure? {
    guard let problem = try? recipe.render() else { return nil }
    return statement(of: implementation, in: CrossCheck(problem, recipe: recipe.text)).failure
  }

  private static func statement(of implementation: any Implementation, in check: CrossCheck) -> Statement {
    let judgement = check.judge(implementation)
    return Statement(
      implementation: implementation.name, isControl: implementation.declaration.isControl,
      judgement: judgement, failure: Failure(judgement, of: implementation.name))
  }
}
