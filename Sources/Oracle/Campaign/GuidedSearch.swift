import GatedDeltaRule
import Generator

/// Hill-climbing on error over bound: from the worst of some drawn cases, one step after the other to a worse one.
///
/// The archive keeps the worst recipe of every result, so that climbing in one does not forget the others. Case by
/// case everything follows from the seed.
package struct GuidedSearch: Sendable {
  /// What was evaluated, one after the other.
  package struct Trace: Sendable {
    /// The worst error over bound of any result, of each case.
    package internal(set) var ratios: [Double] = []
    /// The worst recipe of each result, and its error over its bound.
    package internal(set) var archive: [Quantity: (recipe: Recipe, ratio: Double)] = [:]
    /// The first case that it fails: past the bound by more than a deployment tolerates.
    package internal(set) var failure: (evaluation: Int, recipe: Recipe)?

    /// The worst of all.
    package var worst: Double { ratios.max() ?? 0 }
  }

  /// The implementation under test.
  package let implementation: any Implementation
  /// Which cases are drawn, and how much work a step may ask for.
  package let profile: Profile
  /// From which everything is drawn.
  package let seed: UInt64
  /// Cases drawn before climbing begins; afterwards one in eight.
  package static let drawn = 30
  /// Whether it climbs at all: if not, every case is drawn.
  package var climbs = true

  /// Nothing is evaluated yet.
  package init(_ implementation: any Implementation, profile: Profile = .standard, seed: UInt64) {
    // There is nothing to climb where no error is allowed.
    (self.implementation, self.profile, self.seed) = (implementation, profile.withoutExactCases, seed)
  }

  /// Evaluates so many cases. Properties are not checked: what is climbed is the error over its bound.
  package func run(evaluations: Int) -> Trace {
    var trace = Trace()
    for n in 0..<evaluations {
      let recipe = next(n, trace)
      guard let result = try? CrossCheck(recipe).judge(implementation), result.grade != .refused else {
        continue
      }
      let ratios = result.judgement.ratios
      trace.ratios.append(ratios.values.max() ?? (result.failure == nil ? 0 : .infinity))
      if result.failure != nil, trace.failure == nil { trace.failure = (n + 1, recipe) }
      for (quantity, ratio) in ratios where !(ratio <= trace.archive[quantity]?.ratio ?? 0) {
        guard ratio.isFinite else { continue }
        trace.archive[quantity] = (recipe, ratio)
      }
    }
    return trace
  }

  private func next(_ n: Int, _ trace: Trace) -> Recipe {
    let index = UInt64(n)
    guard climbs, n >= GuidedSearch.drawn, n % 8 != 0, !trace.archive.isEmpty else {
      return Recipe.draw(seed: seed, index: index, profile: profile)
    }
    let elite = trace.archive.sorted { $0.key.rawValue < $1.key.rawValue }.map(\.value)
    // Half of the steps go from the worst of all.
    let from = n % 2 == 0 ? elite[n / 2 % elite.count] : elite.max { $0.ratio < $1.ratio } ?? elite[0]
    return from.recipe.neighbour(seed: seed, index: index, in: profile)
  }
}
