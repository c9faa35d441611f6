import GatedDeltaRule
import Generator
import Implementations
import Oracle

/// A published number, and what is measured here.
package struct Claim: Sendable {
  /// What is left of a claim.
  package enum Verdict: String, Hashable, Sendable, CaseIterable {
    case holds
    /// The effect is there, the number depends on inputs that were not stated.
    case inKind = "in kind"
    case fails = "does not hold"
  }

  /// What was measured here.
  package struct Result: Sendable {
    /// In the words of the report.
    package var ours: String
    /// What that says of the claim.
    package var verdict: Verdict
    /// The case that shows it, in one line.
    package var recipe: String?

    package init(_ ours: String, _ verdict: Verdict, recipe: String? = nil) {
      (self.ours, self.verdict, self.recipe) = (ours, verdict, recipe)
    }
  }

  /// Unique and short: what a person types after `--only`.
  package let name: String
  /// What is claimed, in a clause.
  package let text: String
  /// Where.
  package let source: String
  /// The number there.
  package let published: String
  /// Whether it is part of the quick table.
  package let isQuick: Bool
  /// Computes ours.
  package let measure: @Sendable () throws -> Result

  init(
    _ name: String, _ text: String, source: String, published: String, isQuick: Bool = true,
    measure: @escaping @Sendable () throws -> Result
  ) {
    (self.name, self.text, self.source, self.published) = (name, text, source, published)
    (self.isQuick, self.measure) = (isQuick, measure)
  }

  /// Every claim, in the order of the table.
  package static let all =
    agreement + evaluation + corner + clamp + precision + tests + memory + sharing + training

  /// The command that shows it.
  package var command: String { "gdr claims --only \(name)" }
}

/// One case of a claim, with its reference.
struct ClaimCase {
  let recipe: String
  let problem: Problem
  let reference: Reference

  init(_ recipe: String) throws {
    self.recipe = recipe
    problem = try Recipe(recipe).render()
    reference = Reference(problem)
  }

  /// A built-in implementation's answer.
  func run(_ name: String, in arithmetic: Request.Arithmetic = .working) throws -> Evaluation {
    guard let implementation = Registry.named(name) else {
      throw UsageError.unknownImplementation(name, nearest: nil)
    }
    return try implementation.evaluate(problem, request: Request(arithmetic: arithmetic))
  }

  /// max |x - ref| / max |ref| of one quantity.
  func error(_ evaluation: Evaluation, _ quantity: Quantity) -> Double {
    RelativeError(of: evaluation[quantity], from: reference[quantity]).ofLargest
  }

  /// The worst of several.
  func error(_ evaluation: Evaluation, _ quantities: [Quantity]) -> Double {
    quantities.map { error(evaluation, $0) }.max() ?? .infinity
  }

  /// The gradients that the problem asks for.
  var gradients: [Quantity] { Quantity.all(at: problem.level).filter(\.isGradient) }
}

/// The value in the middle.
func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard let last = sorted.indices.last else { return .nan }
  return (sorted[last / 2] + sorted[(last + 1) / 2]) / 2
}
