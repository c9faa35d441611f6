import GatedDeltaRule
import Generator
import Twin

/// Limits for a test that has one expected value for each result and knows of no bounds: what honest kernels of a form and
/// its formats stay within, on inputs of one shape.
package struct Tolerance: Sendable {
  /// How far a result is from what is expected, by the three yardsticks that tests use.
  package struct Errors: Hashable, Sendable {
    /// The largest error.
    package var absolute = 0.0
    /// The largest error over the largest expected value.
    package var relative = 0.0
    /// The root of the mean square of the errors over that of the expected values.
    package var rms = 0.0

    /// Infinite where an answer holds NaN.
    package init(_ found: Tensor, _ expected: Tensor) {
      var (squares, size, largest) = (0.0, 0.0, 0.0)
      for (x, o) in zip(found.values, expected.values) {
        let error = (x - o).magnitude
        absolute = max(absolute, error)
        squares += error * error
        size += o * o
        largest = max(largest, o.magnitude)
      }
      // A NaN is lost in a maximum and kept in a sum.
      if squares.isNaN { absolute = .infinity }
      relative = RelativeError.quotient(absolute, largest)
      rms = RelativeError.quotient(squares.squareRoot(), size.squareRoot())
    }

    /// By each yardstick the larger one.
    func joined(with other: Errors) -> Errors {
      var joined = self
      joined.absolute = max(absolute, other.absolute)
      joined.relative = max(relative, other.relative)
      joined.rms = max(rms, other.rms)
      return joined
    }

    /// Whether every yardstick is within its limit.
    package func isWithin(_ limits: Errors) -> Bool {
      absolute <= limits.absolute && relative <= limits.relative && rms <= limits.rms
    }

    func multiplied(by factor: Double) -> Errors {
      var errors = self
      (errors.absolute, errors.relative, errors.rms) = (absolute * factor, relative * factor, rms * factor)
      return errors
    }
  }

  /// By result, what is allowed.
  package let limits: [Quantity: Errors]
  /// Honest evaluations that set no limit, and those of them that pass one all the same.
  package let honest: Int, falseAlarms: Int

  /// A margin over the worst of the evaluations that set the limits: of as many again, hardly any is past it.
  package static let margin = 1.5

  /// - Parameters:
  ///   - recipes: the inputs, all of one shape; those of even places set the limits, the others are tried against them.
  ///   - declaration: the form and the formats of the kernel.
  ///   - advance: called after each recipe.
  package init(
    _ recipes: [Recipe], _ declaration: Declaration, advance: () -> Void = {}
  ) throws {
    var (largest, tried): ([Quantity: Errors], [[Quantity: Errors]]) = ([:], [])
    for (place, recipe) in recipes.enumerated() {
      for errors in try Tolerance.honestErrors(recipe, declaration) {
        if place.isMultiple(of: 2) {
          largest.merge(errors) { $0.joined(with: $1) }
        } else {
          tried.append(errors)
        }
      }
      advance()
    }
    let limits = largest.mapValues { $0.multiplied(by: Tolerance.margin) }
    (self.limits, honest) = (limits, tried.count)
    falseAlarms = tried.count { !Tolerance.isWithin($0, limits) }
  }

  /// Of every form that the declaration leaves open, rounding to nearest and at random.
  private static func honestErrors(_ recipe: Recipe, _ declaration: Declaration) throws -> [[Quantity:
    Errors]]
  {
    let check = try CrossCheck(recipe)
    let reference = check.reference(for: declaration)
    return TwinForm.usual(for: declaration, inputs: recipe.precision).flatMap { form in
      let twin = Twin(check.problem, form: form)
      return [nil, recipe.seed].map { seed in
        errors(twin.results(seed: seed).dictionary, reference, check.problem)
      }
    }
  }

  private static func errors(
    _ found: [Quantity: Tensor], _ reference: Reference, _ problem: Problem
  ) -> [Quantity: Errors] {
    var errors: [Quantity: Errors] = [:]
    for quantity in problem.quantities {
      guard let tensor = found[quantity], let expected = reference[quantity] else { continue }
      errors[quantity] = Errors(tensor, expected)
    }
    return errors
  }

  private static func isWithin(_ errors: [Quantity: Errors], _ limits: [Quantity: Errors]) -> Bool {
    errors.allSatisfy { quantity, found in limits[quantity].map(found.isWithin) ?? true }
  }

  /// Whether a known fault stays within the limits on all of these cases, so that a test with them would not see it; nil
  /// where it takes none of them.
  package func misses(_ fault: KnownFault, on checks: [CrossCheck]) -> Bool? {
    let answers = checks.compactMap { check -> Bool? in
      let implementation = fault.implementation()
      guard implementation.refusal(of: check.problem) == nil else { return nil }
      // What fails to answer is seen.
      guard let found = try? implementation.evaluate(check.problem, request: Request()) else { return false }
      let reference = check.reference(for: implementation.declaration(for: check.problem))
      return Tolerance.isWithin(Tolerance.errors(found.results, reference, check.problem), limits)
    }
    return answers.isEmpty ? nil : answers.allSatisfy { $0 }
  }
}
