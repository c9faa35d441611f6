/// A part of a recipe that may be hard in several ways, and the table of these dangers. Whatever it holds, it is
/// written, read, checked, drawn, compared, made simpler and counted by its table.
final class Dimension: Sendable {
  /// The name before the equals sign.
  let name: String
  /// Whether it is written where it is plain too.
  let isAlwaysWritten: Bool
  /// Simpler ones to try instead of any that names no others.
  let simpler: [Danger.Simpler]
  /// Simplest first: this order is the order of complexity.
  let dangers: [Danger]
  /// What may be drawn, in the order of turns.
  let choices: [Choice]
  /// What it is where it is left out.
  let plain: Place
  /// What a recipe has there.
  let place: @Sendable (Recipe) -> Place
  /// Gives a recipe something else there.
  let put: @Sendable (inout Recipe, Place) -> Void

  /// A danger with numbers.
  struct Place: Hashable, Sendable {
    /// Which row of the table.
    var rank: Int
    /// In the order of its parameters.
    var numbers: [Double]
  }

  /// A row of a table: a danger, how its numbers make a value, and how they are found in one of its values.
  struct Row<Value> {
    let danger: Danger
    let value: @Sendable ([Double]) -> Value
    let numbers: @Sendable (Value) -> [Double]?

    init(
      _ danger: Danger, _ value: @escaping @Sendable ([Double]) -> Value,
      _ numbers: @escaping @Sendable (Value) -> [Double]?
    ) {
      (self.danger, self.value, self.numbers) = (danger, value, numbers)
    }

    /// A danger without numbers.
    init(_ danger: Danger, _ value: Value) where Value: Equatable & Sendable {
      self.init(danger, { _ in value }, { $0 == value ? [] : nil })
    }
  }

  /// One way to draw one of the dangers.
  struct Choice: Sendable {
    let rank: Int
    let chance: Danger.Chance
  }

  init<Value>(
    _ name: String, isAlwaysWritten: Bool = false, simpler: [Danger.Simpler] = [], _ rows: [Row<Value>],
    _ get: @escaping @Sendable (Recipe) -> Value, _ set: @escaping @Sendable (inout Recipe, Value) -> Void
  ) {
    (self.name, self.isAlwaysWritten, self.simpler) = (name, isAlwaysWritten, simpler)
    dangers = rows.map(\.danger)
    choices = Dimension.choices(of: dangers)
    let (values, numbers) = (rows.map(\.value), rows.map(\.numbers))
    place = { recipe in
      let value = get(recipe)
      for rank in numbers.indices {
        if let numbers = numbers[rank](value) { return Place(rank: rank, numbers: numbers) }
      }
      preconditionFailure("\(value) has no row in its table")
    }
    put = { set(&$0, values[$1.rank]($1.numbers)) }
    plain = place(Recipe(T: 0))
  }

  private static func choices(of dangers: [Danger]) -> [Choice] {
    var turns: [(turn: Double, choice: Choice)] = []
    for (rank, danger) in dangers.enumerated() {
      for (index, chance) in danger.chances.enumerated() {
        let turn = chance.turn ?? Double(rank) + Double(index) / 16
        turns.append((turn, Choice(rank: rank, chance: chance)))
      }
    }
    return turns.sorted { $0.turn < $1.turn }.map(\.choice)
  }

  /// In the order in which they are written.
  static let all = [
    numbers, keys, queries, values, decay, A_log, dt_bias, write, state, dy, dstate, mask, pad,
  ]

  /// In the order in which recipes are compared and made simpler.
  static let boldestFirst = [
    mask, pad, numbers, keys, queries, decay, A_log, dt_bias, write, values, state, dy, dstate,
  ]

  /// Those of which one is drawn to be moved a little, in this order.
  static let movable = [keys, values, decay, write, A_log, dt_bias, mask]

  /// Those with numbers.
  static let numbered = movable + [numbers]

  /// Those that the level or the sizes of a recipe may have no room for.
  static let bounded = [decay, A_log, dt_bias, write, mask, numbers]

  /// The places of a recipe in each dimension.
  static func places(of recipe: Recipe) -> [Place] { all.map { $0.place(recipe) } }

  /// The place of a word with numbers; nil if there is no such word, or a number is out of range.
  func place(_ word: String, _ numbers: [Double]) -> Place? {
    guard let rank = dangers.firstIndex(where: { $0.word == word }), dangers[rank].admits(numbers) else {
      return nil
    }
    return Place(rank: rank, numbers: numbers)
  }
}
