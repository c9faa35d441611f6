import GatedDeltaRule
import Generator

extension Report {
  /// What an engine is asked in the session of a recipe, call by call, in the words in which a violation names its place;
  /// nothing where the tokens come in one call.
  package static func calls(of recipe: Recipe) -> [String] {
    guard let calls = recipe.calls, let schedule = recipe.schedule else { return [] }
    return schedule.calls.map { call in
      let rows = call.rows.map { sentence($0, call.kind, T: recipe.T) }
      return "step \(call.entry), \(calls.entries[call.entry - 1]): \(rows.joined(separator: "; "))"
    }
  }

  private static func sentence(_ row: Schedule.Row, _ kind: Step.Kind, T: Int) -> String {
    guard let number = row.number, let slot = row.slot else {
      return "a row of padding of \(row.tokens.count) token\(row.tokens.count == 1 ? "" : "s")"
    }
    let place = "row \(number) in slot \(slot)"
    switch kind {
    case .advance: return "\(place) takes in \(tokens(row))" + (row.isFresh ? ", from no state" : "")
    case .verify: return "\(place) verifies \(tokens(row))" + (row.isFresh ? ", from no state" : "")
    case .keep: return "\(place) keeps \(row.kept) of \(row.tokens.count)"
    case .fork: return "\(place) begins as a copy of slot \(row.source ?? -1)"
    }
  }

  /// Tokens that follow each other by their ends.
  private static func tokens(_ row: Schedule.Row) -> String {
    let places = row.tokens.map(\.t)
    guard let first = places.first else { return "no token" }
    if places.count == 1 { return "token \(first)" }
    let isRun = zip(places, places.dropFirst()).allSatisfy { $1 == $0 + 1 }
    return "tokens "
      + (isRun ? "\(first) to \(places[places.count - 1])" : places.map(String.init).joined(separator: " "))
  }
}
