import Generator

/// Which properties are checked beside the comparison with the reference.
package enum PropertySelection: Hashable, Sendable {
  /// None of them.
  case none
  /// Those that a run draws for the case: every one that takes no run, in a quarter of the cases one that takes one,
  /// in a fortieth one that takes several. Which, the recipe alone decides.
  case drawn
  /// Every one: for a case that is looked at on its own.
  case all
  /// What can show a failure of this kind again: the property of that name, or none.
  case showing(kind: String)

  /// What can show this failure again; where none is known, everything.
  package static func like(_ failure: Failure?) -> PropertySelection {
    failure.map { .showing(kind: $0.kind) } ?? .all
  }

  /// Every property unless the case is too large for some forty evaluations: then those that a run draws.
  package static func affordable(for recipe: Recipe) -> PropertySelection {
    recipe.elementCount <= 1 << 20 ? .all : .drawn
  }

  /// The properties themselves, in the order in which they are checked.
  ///
  /// - Parameter seed: what follows from the recipe.
  func properties(drawnBy seed: UInt64) -> [Property] {
    switch self {
    case .none: []
    case .drawn: PropertySelection.drawn(by: seed)
    case .all: Property.all
    case .showing(let kind): Property.named(kind).map { [$0] } ?? []
    }
  }

  private static func drawn(by hash: UInt64) -> [Property] {
    func pick(_ all: [Property], every: UInt64, _ bits: UInt64) -> ArraySlice<Property> {
      let place = Int(bits / every % UInt64(all.count))
      return bits % every == 0 ? all[place...place] : []
    }
    return free + pick(cheap, every: 4, hash >> 24) + pick(dear, every: 40, hash >> 12)
  }

  private static let free = Property.all.filter { $0.cost == .free }
  private static let cheap = Property.all.filter { $0.cost == .cheap }
  private static let dear = Property.all.filter { $0.cost == .dear }
}
