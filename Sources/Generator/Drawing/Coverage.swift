/// How often each label was drawn.
public struct Coverage: Sendable, Hashable {
  /// Cases counted.
  public private(set) var cases = 0
  /// Cases of each label, in the order of `Label.all`.
  private var counts = [Int](repeating: 0, count: Label.all.count)

  /// Nothing counted yet.
  public init() {}

  /// So many cases of a profile, none of them exact: their proofs would take longer than a run may after its end.
  private init(drawing number: UInt64, of profile: Profile) {
    self.init()
    let profile = profile.withoutExactCases
    for index in 0..<number { count(Recipe.draw(seed: 0, index: index, profile: profile)) }
  }

  /// Counts one case.
  public mutating func count(_ recipe: Recipe) {
    cases += 1
    let places = Dimension.places(of: recipe)
    let labels = Label.all
    for index in labels.indices where labels[index].holds(recipe, places) { counts[index] += 1 }
  }

  /// Adds what another worker counted.
  public mutating func add(_ other: Coverage) {
    cases += other.cases
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  /// Every label with its count.
  public var table: [(label: String, count: Int)] { zip(Label.all, counts).map { ($0.name, $1) } }

  /// The cases of one label; nil if there is no such label.
  public func count(of label: String) -> Int? { table.first { $0.label == label }?.count }

  /// Labels that were drawn less often than a profile asks for: four standard deviations of chance are allowed,
  /// so that short runs raise no alarm. Of families, and where something is left out, no more is expected than half of what
  /// they can give.
  public func missed(in profile: Profile) -> [(label: String, count: Int, expected: Double)] {
    let isOpen = profile.families.isEmpty && profile.restriction == Restriction()
    let possible = isOpen ? nil : Coverage(drawing: 1000, of: profile)
    return zip(Label.all, counts).enumerated().compactMap { index, pair in
      let (label, count) = pair
      let most = possible.map { Double($0.counts[index]) / 2 } ?? .infinity
      let expected = min(label.least(in: profile), most) * Double(cases) / 1000
      let short = Double(count) < expected - 4 * expected.squareRoot()
      return short ? (label.name, count, expected) : nil
    }
  }
}

extension Coverage: Codable {
  private enum Key: CodingKey {
    case cases
    case labels
  }

  /// By the names of the labels: what this version does not count is left out, what the other did not count is 0.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    cases = try container.decode(Int.self, forKey: .cases)
    let known = try container.decode([String: Int].self, forKey: .labels)
    counts = Label.all.map { known[$0.name] ?? 0 }
  }

  /// Every label by its name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(cases, forKey: .cases)
    try container.encode(
      Dictionary(uniqueKeysWithValues: table.map { ($0.label, $0.count) }), forKey: .labels)
  }
}
