import Foreign
import GatedDeltaRule
import Generator
import Oracle

/// Which problems an implementation takes, learnt by asking: a kernel says so by refusing the others.
package struct Taken: Hashable {
  /// A problem that it takes.
  package let sample: Recipe
  /// What it refuses of levels, decays, masks and formats.
  package var restriction = Restriction()
  /// Sizes and formats that it takes, where it refuses the small ones that everything fits in; empty for any.
  package var families: [Family] = []

  /// Sizes to try, the next where one is refused: small, channels that are whole tiles, as many value heads as key heads,
  /// one head.
  static let sizes: [SpecimenSizes] =
    [.small]
    + tiles.map { SpecimenSizes(Hk: $0.Hk, Hv: $0.Hv, Dk: $0.channels, Dv: $0.channels, precision: .fp32) }
  private static let tiles: [(Hk: Int, Hv: Int, channels: Int)] = [
    (1, 2, 32), (1, 2, 64), (1, 2, 128), (3, 3, 32), (2, 2, 64), (2, 2, 128), (1, 1, 32), (1, 1, 64),
    (1, 1, 128), (4, 8, 128),
  ]
  /// So many sizes are enough to draw from: a kernel may be compiled anew for each.
  private static let mostSizes = 3
  private static let precisions: [Precision] = [.fp32, .bf16, .fp16]

  /// - Parameters:
  ///   - asked: what whoever runs this asks for: nothing else is tried.
  ///   - families: the same of sizes and formats; empty for `Taken.sizes`.
  ///   - asking: called with every problem before it is put: a kernel may be compiled anew for it.
  /// - Returns: nil where it takes none of what is tried.
  /// - Throws: what `evaluate` throws but refusals: it says nothing of what is taken.
  package init?(
    by implementation: any Implementation, asked: Restriction = Restriction(), families: [Family] = [],
    asking: @escaping (Recipe) -> Void = { _ in }
  ) throws {
    let questions = Questions(implementation, asked, asking)
    let isOpen = families.isEmpty
    let tried =
      isOpen
      ? Taken.sizes.flatMap { sizes in Taken.precisions.map { SpecimenSizes(sizes, $0) } }
      : families.map(SpecimenSizes.init)
    guard let sizes = try tried.first(where: { try questions.takes($0) != nil }),
      let first = try questions.takes(sizes)
    else { return nil }
    sample = first
    let takenKinds = try questions.kinds.filter { try questions.takes($0, sizes) }
    // What is asked for is no news.
    let levels = Set(takenKinds.map(\.level)), decays = Set(takenKinds.map(\.decayKind))
    if asked.level == nil, levels.count == 1 { restriction.level = first.level }
    if asked.decayKind == nil, decays.count == 1 { restriction.decayKind = first.decayKind }
    restriction.excludesMasks = try !asked.excludesMasks && !questions.takesMask(first)
    guard isOpen else { return }
    let formats = try Taken.precisions.filter { try questions.takes(first, in: $0) }
    if SpecimenSizes(sizes, .fp32) == .small {
      if formats.count < Taken.precisions.count { restriction.precisions = formats }
      return
    }
    for other in Taken.sizes.map({ SpecimenSizes($0, sizes.precision) })
    where self.families.count < Taken.mostSizes * formats.count {
      guard try other == sizes || questions.takes(first, of: other) else { continue }
      self.families += formats.map { Family(of: questions.recipe(first, SpecimenSizes(other, $0))) }
    }
  }

  /// What several take together, none of which says more than another: what one of them takes is drawn.
  static func union(_ all: [Taken]) -> (restriction: Restriction, families: [Family]) {
    func common<Value: Equatable>(_ values: [Value?]) -> Value? {
      values.allSatisfy { $0 == values.first } ? values.first ?? nil : nil
    }
    var restriction = Restriction()
    restriction.level = common(all.map(\.restriction.level))
    restriction.decayKind = common(all.map(\.restriction.decayKind))
    restriction.excludesMasks = !all.isEmpty && all.allSatisfy(\.restriction.excludesMasks)
    restriction.precisions = common(all.map(\.restriction.precisions)) ?? []
    var families: [Family] = []
    for family in all.flatMap(\.families) where !families.contains(family) { families.append(family) }
    return (restriction, all.contains { $0.families.isEmpty } ? [] : families)
  }
}

/// Small problems of all kinds, put to one implementation, each once.
private final class Questions {
  let implementation: any Implementation
  /// Every level with every kind of decay that is asked for.
  let kinds: [(level: Level, decayKind: DecayKind)]
  let contract: Contract
  private let asking: (Recipe) -> Void
  /// So many problems of a kind must be refused.
  private static let attempts: UInt64 = 3
  private var answers: [Recipe: Bool] = [:]

  init(_ implementation: any Implementation, _ asked: Restriction, _ asking: @escaping (Recipe) -> Void) {
    (self.implementation, self.asking) = (implementation, asking)
    contract = implementation.declaration.contract ?? .plain
    kinds = Level.allCases.flatMap { level in DecayKind.allCases.map { (level, $0) } }
      .filter { (asked.level ?? $0.0) == $0.0 && (asked.decayKind ?? $0.1) == $0.1 }
  }

  /// A problem of these sizes that is taken, of whichever kind; nil if none is.
  func takes(_ sizes: SpecimenSizes) throws -> Recipe? {
    for kind in kinds {
      let recipe = recipe(kind, sizes)
      if try isTaken(recipe) { return recipe }
    }
    return nil
  }

  func takes(_ kind: (level: Level, decayKind: DecayKind), _ sizes: SpecimenSizes) throws -> Bool {
    try isTaken(recipe(kind, sizes))
  }

  /// One of the same kind and of other sizes.
  func recipe(_ known: Recipe, _ sizes: SpecimenSizes) -> Recipe {
    recipe((known.level, known.decayKind), sizes)
  }

  func takes(_ recipe: Recipe, in precision: Precision) throws -> Bool {
    var recipe = recipe
    recipe.precision = precision
    return try isTaken(recipe)
  }

  func takes(_ known: Recipe, of sizes: SpecimenSizes) throws -> Bool {
    try isTaken(recipe(known, sizes))
  }

  func takesMask(_ recipe: Recipe) throws -> Bool {
    var recipe = recipe
    recipe.mask = .left(1)
    return try isTaken(recipe)
  }

  private func recipe(_ kind: (level: Level, decayKind: DecayKind), _ sizes: SpecimenSizes) -> Recipe {
    var recipe = Recipe(
      B: 1, T: 5, Hk: sizes.Hk, Hv: sizes.Hv, Dk: sizes.Dk, Dv: sizes.Dv, decayKind: kind.decayKind,
      level: kind.level, decay: .constant(-0.1), state: .random, precision: sizes.precision)
    recipe.contract = contract
    return recipe
  }

  private func isTaken(_ recipe: Recipe) throws -> Bool {
    if let known = answers[recipe] { return known }
    // What is refused for its values, or by chance, is not of a kind that is refused.
    let answer = try (0..<Questions.attempts).contains { attempt in
      var recipe = recipe
      recipe.seed = attempt
      return try ask(recipe)
    }
    answers[recipe] = answer
    return answer
  }

  private func ask(_ recipe: Recipe) throws -> Bool {
    let problem = try recipe.render()
    if implementation.refusal(of: problem) != nil { return false }
    asking(recipe)
    do {
      if let blind = implementation as? Blind {
        _ = try blind.answer(withoutProbes: problem)
      } else {
        _ = try implementation.evaluate(problem, request: Request(recipe: recipe.text))
      }
      return true
    } catch is Refusal {
      return false
    }
  }
}

extension SpecimenSizes {
  /// The same in another format.
  fileprivate init(_ sizes: SpecimenSizes, _ precision: Precision) {
    self.init(Hk: sizes.Hk, Hv: sizes.Hv, Dk: sizes.Dk, Dv: sizes.Dv, precision: precision)
  }

  /// Those of a family.
  init(_ family: Family) {
    self.init(Hk: family.Hk, Hv: family.Hv, Dk: family.Dk, Dv: family.Dv, precision: family.precision)
  }

  /// Those of a recipe.
  init(of recipe: Recipe) { self.init(Family(of: recipe)) }
}
