import GatedDeltaRule
import Generator

/// Hill-climbing on error over bound: from the worst of some drawn cases, one step after the other to a worse one.
///
/// The archive keeps the worst recipe of every result, so that climbing in one does not forget the others. Case by
/// case everything follows from the seed.
public struct GuidedSearch: Sendable {
  /// What was heard, one after the other.
  public struct Trace: Sendable {
    /// The worst error over bound of any result, of each case.
    public internal(set) var ratios: [Double] = []
    /// The worst recipe of each result, and its error over its bound.
    public internal(set) var archive: [Quantity: (recipe: Recipe, ratio: Double)] = [:]
    /// The first case that it is charged with: past the bound by more than a deployment tolerates.
    public internal(set) var failure: (evaluation: Int, recipe: Recipe)?

    /// The worst of all.
    public var worst: Double { ratios.max() ?? 0 }
  }

  /// Who is heard.
  public let implementation: any Implementation
  /// Which cases are drawn, and how much work a step may ask for.
  public let profile: Profile
  /// From which everything is drawn.
  public let seed: UInt64
  /// Cases drawn before climbing begins; afterwards one in eight.
  public static let drawn = 30
  /// Whether it climbs at all: if not, every case is drawn.
  public var climbs = true

  /// Nothing is heard yet.
  public init(_ implementation: any Implementation, profile: Profile = .standard, seed: UInt64) {
    (self.implementation, self.profile, self.seed) = (implementation, profile, seed)
  }

  /// Hears so many cases.
  public func run(evaluations: Int) -> Trace {
    var trace = Trace()
    for n in 0..<evaluations {
      let recipe = next(n, trace)
      guard let problem = try? recipe.render() else { continue }
      let judgement = CrossCheck(problem, recipe: recipe.text).judge(implementation)
      if case .refused = judgement.verdict { continue }
      let isCharged = Failure(judgement, of: implementation.name) != nil
      trace.ratios.append(judgement.ratios.values.max() ?? (isCharged ? .infinity : 0))
      if isCharged, trace.failure == nil { trace.failure = (n + 1, recipe) }
      for (quantity, ratio) in judgement.ratios where !(ratio <= trace.archive[quantity]?.ratio ?? 0) {
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
