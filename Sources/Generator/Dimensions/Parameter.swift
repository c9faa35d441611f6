import GatedDeltaRule

/// What one of the numbers behind a word means: its name, the range it must keep to, and what is simpler.
struct Parameter: Sendable {
  /// As it is shown to a person, in capitals.
  let name: String
  /// The range, as a person reads it.
  let limits: String
  /// Whether a number is in range.
  let contains: @Sendable (Double) -> Bool
  /// Numbers that mean something to a reader, to be tried first; nil for a count, which goes down by halves.
  let steps: [Double]?
  /// Whether the largest number is the simplest.
  var isSimplestFull = false
  /// The size that it is one or so many of, and the most that a recipe has room for.
  var room: (letter: String, most: @Sendable (Recipe) -> Int)?

  /// A number.
  init(
    _ name: String, _ limits: String, steps: [Double] = [], contains: @escaping @Sendable (Double) -> Bool
  ) {
    (self.name, self.limits, self.contains, self.steps) = (name, limits, contains, steps)
  }

  /// A number of a range that has both ends.
  init(_ name: String, _ range: ClosedRange<Double>, steps: [Double] = []) {
    self.init(name, "\(Decimal.text(range.lowerBound)) to \(Decimal.text(range.upperBound))", steps: steps) {
      range.contains($0)
    }
  }

  /// The same, the larger the simpler.
  var fullest: Parameter {
    var parameter = self
    parameter.isSimplestFull = true
    return parameter
  }

  /// A whole number; where it is one or so many of a size, `most` says how far that goes.
  init(
    _ name: String, least: Int, of letter: String? = nil,
    most: @escaping @Sendable (Recipe) -> Int = { _ in .max }
  ) {
    (self.name, limits, steps) = (name, "at least \(least)", nil)
    contains = { $0.isWhole && $0 >= Double(least) }
    room = letter.map { ($0, most) }
  }

  /// What a person reads where the room of a recipe does not go so far: `token 4 of T4`, `5 tokens of T4`.
  func excess(_ number: Double, in recipe: Recipe) -> String? {
    guard let room, number > Double(room.most(recipe)) else { return nil }
    let (noun, count) = (name.lowercased(), Decimal.text(number))
    let size = recipe.sizes.first { $0.letter == room.letter }!.size
    return (noun.hasSuffix("s") ? "\(count) \(noun)" : "\(noun) \(count)") + " of \(room.letter)\(size)"
  }

  /// Simpler numbers to try, boldest first.
  func simpler(than number: Double) -> [Double] {
    guard let steps else { return Recipe.below(Int(number), least: 0).map(Double.init) }
    return (steps + (1...3).map { Decimal.rounded(number, digits: $0) }).filter { $0 != number }
  }
}
