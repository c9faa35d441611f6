import Generator
import Machine

/// Which properties are checked beside the comparison with the reference.
package enum PropertySelection: Hashable, Sendable {
  /// None of them.
  case none
  /// Those that a run draws for the case: every one that takes no run, in an eighth of the cases one that takes one,
  /// in an eightieth one that takes several, and some with a share of their own. Which, the recipe alone decides.
  case drawn
  /// Every one: for a case that is looked at on its own.
  case all
  /// What can show a failure of this kind again: the property of that name, all of sessions for one of them, or none.
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
    case .showing(let kind):
      Property.named(kind).map { one in one.isOfSession ? Property.all.filter(\.isOfSession) : [one] } ?? []
    }
  }

  private static func drawn(by hash: UInt64) -> [Property] {
    func pick(_ all: [Property], every: UInt64, _ bits: UInt64) -> ArraySlice<Property> {
      let place = Int(bits / every % UInt64(all.count))
      return bits % every == 0 ? all[place...place] : []
    }
    let picked = pick(cheap, every: 8, hash >> 24) + pick(dear, every: 80, hash >> 12)
    let own = shares.filter { property, share in
      Checksum.hash(property.name, seed: hash) % share == 0
        && !picked.contains { $0.name == property.name }
    }
    return free + picked + own.map(\.property)
  }

  /// What is drawn in one case of so many, whatever else is: what alone sees a kind of fault, shows in few cases, or is
  /// counted over a run.
  ///
  /// These shares, and those above, are such that the processor time until each planted fault is charged, summed over
  /// all of them, is small (`gdr mutants`): what the comparison sees as well need not be drawn often.
  private static let shares: [(property: Property, share: UInt64)] = [
    (.repeated, 32), (.prefix, 4), (.prefixGradients, 64), (.suffixGradients, 16), (.rowAlone, 16),
    (.poison, 16),
    (.session, 1), (.sessionPool, 1), (.sessionAlone, 2), (.sessionOrder, 3), (.sessionAgain, 4),
    (.sessionCall, 3), (.packedGradients, 2), (.boundedGate, 4), (.normalisedScale, 16), (.reflections, 16),
    (.residual, 32),
  ]

  private static let free = Property.all.filter { $0.cost == .free }
  private static let cheap = together(.cheap)
  private static let dear = together(.dear)

  /// Those of a cost of which one is drawn.
  private static func together(_ cost: Property.Cost) -> [Property] {
    let apart = shares.map(\.property.name).filter { $0 != Property.repeated.name }
    return Property.all.filter { $0.cost == cost && !apart.contains($0.name) }
  }
}
