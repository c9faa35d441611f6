import Generator
import Machine

/// Which properties are checked beside the comparison with the reference.
package enum PropertySelection: Hashable, Sendable {
  /// None of them.
  case none
  /// Those that a run draws for the case, each in one of so many. Which, the recipe alone decides.
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
    shared.compactMap { property, share in
      share == 1 || Checksum.draws(property.name, inOneOf: share, seed: hash) ? property : nil
    }
  }

  /// Of so many cases a run draws a property in one.
  package static func share(of property: Property) -> UInt64 { shares[property.name] ?? usual(property.cost) }

  /// That of what sees nothing first.
  private static func usual(_ cost: Property.Cost) -> UInt64 {
    switch cost {
    case .free: 4
    case .cheap, .dear: 256
    }
  }

  /// Those of what alone sees a kind of fault, shows in few cases, or is counted over a run.
  ///
  /// These shares, and the usual ones, are such that the processor time until each planted fault is caught, summed over
  /// all of them, is small (`gdr mutants --shares`): what the comparison sees as well need not be drawn often.
  private static let shares: [String: UInt64] = [
    Property.repeated.name: 32, Property.prefix.name: 4, Property.prefixGradients.name: 128,
    Property.suffixGradients.name: 16, Property.rowAlone.name: 32, Property.poison.name: 16,
    Property.session.name: 1, Property.sessionPool.name: 1,
    Property.sessionAlone.name: 8, Property.sessionOrder.name: 8, Property.sessionAgain.name: 4,
    Property.sessionCall.name: 8, Property.packedGradients.name: 8, Property.boundedGate.name: 4,
    Property.normalisedScale.name: 16, Property.reflections.name: 16, Property.residual.name: 32,
  ]

  private static let shared = Property.all.map { (property: $0, share: share(of: $0)) }
}
