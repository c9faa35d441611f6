import GatedDeltaRule
import Generator

extension Explanation {
  /// What engines get wrong where a law of sessions is violated at such a place; nil for any other property.
  func sessionCause(of broken: BrokenProperty) -> String? {
    if broken.name == Property.packedGradients.name {
      return
        "training on packed sequences: something of one sequence reaches another, or is left out of a sum"
    }
    guard broken.name.hasPrefix("session") else { return nil }
    guard let place = broken.violation?.what else { return "a step was not answered as it must be" }
    let kinds = Set(recipe.calls?.entries.map(\.kind) ?? [])
    switch broken.name {
    case "session-pool" where place.hasPrefix("slot"):
      return kinds.contains(.verify)
        ? "a call writes a slot that it must not: drafts before they are accepted, or another row's slot"
        : "a call writes a slot that none of its rows has: -1 taken for a place, or rows counted wrongly"
    case "session-pool" where place.hasPrefix("nothing is kept"):
      return "no token is kept, which gives an index of -1, and leaves a rejected draft in the state"
    case "session-pool" where place.hasPrefix("a fresh row"):
      return "a sequence without tokens: its final state is never written"
    case "session-pool" where place.hasPrefix("a fork"): return "a fork is no copy of the state"
    case "session-pool": return "what is remembered before the first token is not the state there"
    case "session" where place.contains("kept"):
      return
        "tokens that are taken back, or rejected drafts: the state is not the one behind those that are kept"
    case "session" where place.hasPrefix("state behind"):
      return "states behind the tokens of a row: remembered at the wrong place, or in the wrong order"
    case "session" where place.hasPrefix("y"):
      return "a row begins with a state that is not its own, or reads tokens beside its own"
    case "session": return "a state that is handed on: not written, of another row, or of other tokens"
    case "session-again": return "something is left of an earlier call: a length, an offset, a state"
    case "session-call": return "what is kept between calls is not what is kept inside of one"
    default: return "a row depends on the other rows of its call: offsets, lengths or states of a neighbour"
    }
  }
}
