import GatedDeltaRule

/// Something that a case may be an example of, and how often a run must have drawn one.
public struct Label: Sendable {
  /// What it is called in a summary.
  public let name: String
  /// The least number among 1000 cases, for each size of a profile; 0 where it is not asked for.
  let least: (small: Double, standard: Double, large: Double)
  /// Whether a recipe is an example.
  let holds: @Sendable (Recipe) -> Bool

  init(
    _ name: String, _ small: Double, _ standard: Double, _ large: Double,
    holds: @escaping @Sendable (Recipe) -> Bool
  ) {
    (self.name, self.least, self.holds) = (name, (small, standard, large), holds)
  }

  /// The least number among 1000 cases of this profile.
  public func least(in profile: Profile) -> Double {
    switch profile.size {
    case .small: least.small
    case .standard: least.standard
    case .large: least.large
    }
  }
}

extension Recipe {
  /// The names of everything that this recipe is an example of.
  public var labels: [String] { Label.all.filter { $0.holds(self) }.map(\.name) }
}
