import GatedDeltaRule

/// One danger of a dimension: how it is written, what its numbers may be, how it is drawn, what is simpler, and how
/// often a run must have drawn it.
struct Danger: Sendable {
  /// The word before the numbers; empty where a bare number stands for a constant.
  let word: String
  /// What the numbers mean, in their order.
  let parameters: [Parameter]
  /// What the numbers must keep to together, and how a person reads it.
  private(set) var rule: (words: String, holds: @Sendable ([Double]) -> Bool)?
  /// At which level alone it can be, and why.
  private(set) var level: (level: Level, words: String)?
  /// Simpler ones that are part of it; nil for those of the whole dimension.
  private(set) var simpler: (@Sendable ([Double]) -> [Simpler])?
  /// How it is drawn; never if this is empty.
  private(set) var chances: [Chance] = []
  /// What is counted of it; a name of nil stands for `FIELD=WORD`.
  private(set) var counts: [Count] = []

  /// A word of the same dimension and its numbers.
  typealias Simpler = (word: String, numbers: [Double])

  /// How often it is drawn beside the others, and with which numbers.
  struct Chance: Sendable {
    let weight: Int
    let turn: Double?
    let numbers: (@Sendable (Draft) -> [Double])?
    var isOpen: (@Sendable (Draft) -> Bool)?
  }

  /// The least number among 1000 cases of the small, the standard and the large profile.
  struct Count: Sendable {
    let name: String?
    let least: (small: Double, standard: Double, large: Double)
    let holds: @Sendable ([Double]) -> Bool
  }

  init(_ word: String, _ parameters: Parameter...) { (self.word, self.parameters) = (word, parameters) }

  /// As it is shown to a person: `cone:DEGREES`.
  var form: String { ((word.isEmpty ? [] : [word]) + parameters.map(\.name)).joined(separator: ":") }

  /// What its numbers must keep to, for an error message.
  var limits: String {
    (parameters.map { "\($0.name) \($0.limits)" } + (rule.map { [$0.words] } ?? [])).joined(separator: ", ")
  }

  /// Whether these numbers keep to them.
  func admits(_ numbers: [Double]) -> Bool {
    zip(parameters, numbers).allSatisfy { $0.contains($1) } && rule?.holds(numbers) ?? true
  }
}

// What a row says after its words.
extension Danger {
  /// Its numbers keep to this together.
  func keeping(_ words: String, _ holds: @escaping @Sendable ([Double]) -> Bool) -> Danger {
    with { $0.rule = (words, holds) }
  }

  /// It can be at this level only.
  func only(_ level: Level, because words: String = "") -> Danger { with { $0.level = (level, words) } }

  /// Drawn with this weight and these numbers. Choices take their turns in the order of the table, unless they say
  /// another: what a seed draws must not change.
  func drawn(_ weight: Int, turn: Double? = nil, _ numbers: (@Sendable (Draft) -> [Double])? = nil) -> Danger
  {
    with { $0.chances.append(Chance(weight: weight, turn: turn, numbers: numbers)) }
  }

  /// The draft must have room for what was said last.
  func when(_ isOpen: @escaping @Sendable (Draft) -> Bool) -> Danger {
    with { $0.chances[$0.chances.count - 1].isOpen = isOpen }
  }

  /// Counted as `FIELD=WORD`: at least so often among 1000 cases of the small, the standard and the large profile.
  func least(_ small: Double, _ standard: Double, _ large: Double) -> Danger {
    with { $0.counts.append(Count(name: nil, least: (small, standard, large), holds: { _ in true })) }
  }

  /// Counted under this name where its numbers are so.
  func counted(
    _ name: String, _ small: Double, _ standard: Double, _ large: Double,
    if holds: @escaping @Sendable ([Double]) -> Bool
  ) -> Danger {
    with { $0.counts.append(Count(name: name, least: (small, standard, large), holds: holds)) }
  }

  /// These are part of it, and simpler.
  func simpler(_ places: @escaping @Sendable ([Double]) -> [Simpler]) -> Danger {
    with { $0.simpler = places }
  }

  private func with(_ change: (inout Danger) -> Void) -> Danger {
    var danger = self
    change(&danger)
    return danger
  }
}
