import GatedDeltaRule

/// Something that a case may be an example of, and how often a run must have drawn one.
public struct Label: Sendable {
  /// What it is called in a summary.
  public let name: String
  /// The least number among 1000 cases, for each size of a profile; 0 where it is not asked for.
  let least: (small: Double, standard: Double, large: Double)
  /// Whether a recipe, with its place in each dimension, is an example.
  let holds: @Sendable (Recipe, [Dimension.Place]) -> Bool
  /// Whether only exact cases can be examples, so that these are the 1000.
  private(set) var isOfExactCases = false
  /// Whether only cases in several calls can be.
  private(set) var isOfSessions = false

  init(
    _ name: String, _ small: Double, _ standard: Double, _ large: Double,
    holds: @escaping @Sendable (Recipe) -> Bool
  ) {
    (self.name, least) = (name, (small, standard, large))
    self.holds = { recipe, _ in holds(recipe) }
  }

  /// For numbers of one danger of the dimension with this index.
  init(_ dimension: Int, _ rank: Int, _ count: Danger.Count) {
    let danger = Dimension.all[dimension].dangers[rank]
    name = count.name ?? "\(Dimension.all[dimension].name)=\(danger.word)"
    least = count.least
    holds = { _, places in places[dimension].rank == rank && count.holds(places[dimension].numbers) }
  }

  /// The least number among 1000 cases of this profile.
  public func least(in profile: Profile) -> Double {
    if case .one(let contract) = profile.contracts {
      // A bounded decay is drawn with no rate that fp32 has no number for, and reaches no 1/2.
      if name == "A_log=100", contract.gate != .softplus { return 0 }
      if name == Label.exactAtModelLevel, !contract.reachesHalves { return 0 }
    }
    let amongThese =
      switch profile.size {
      case .small: least.small
      case .standard: least.standard
      case .large: least.large
      }
    if isOfSessions { return amongThese * profile.sessionShare }
    // What comes in several calls has no mask, and more rows than others.
    let ofOneCall = amongThese * (1 - profile.sessionShare)
    return ofOneCall * (isOfExactCases ? profile.exactShare : 1 - profile.exactShare)
  }

  /// What exact cases with the gates of a model are called.
  static let exactAtModelLevel = "exact at model level"

  /// The same, counted among cases in several calls.
  func ofSessions() -> Label {
    var label = self
    label.isOfSessions = true
    return label
  }

  /// The same, counted among exact cases.
  func ofExactCases() -> Label {
    var label = self
    label.isOfExactCases = true
    return label
  }
}

extension Recipe {
  /// The names of everything that this recipe is an example of.
  public var labels: [String] {
    let places = Dimension.places(of: self)
    return Label.all.filter { $0.holds(self, places) }.map(\.name)
  }
}
