import GatedDeltaRule

/// What a judge asks of an implementation beside the cases themselves, since what is right on a case may have been found
/// in another way than by computing it.
package enum Probe: String, Hashable, Sendable, CaseIterable {
  /// The same inputs in another order and at another address.
  case order
  /// Two values of v exchanged: sums and samples of the inputs stay what they are.
  case change
  /// A problem once more after others.
  case `repeat`
  /// Whether a wrong answer is, bit for bit, that to an earlier problem with other inputs.
  case stale
  /// Whether all elements of a wrong result are one number.
  case constant
  /// Whether what is refused is refused for its values: the same sizes with ordinary ones are taken.
  case tame
  /// Whether what is refused is refused for what went before, for the time or by chance: the same is taken a moment later,
  /// or by a fresh process.
  case whim
  /// Whether it is right only where it is told the recipe.
  case recipe
  /// Whether it answers like a kernel with products in 16 bits, or in TF32, that are not declared.
  case precision

  /// What it says of an implementation that does not pass it, in a clause.
  package var finding: String {
    switch self {
    case .order: "is wrong where the inputs lie in another order or at another address"
    case .change:
      "is wrong where two values of an earlier problem are exchanged; a fresh process is right there"
    case .repeat: "is wrong where a problem is asked again after others that it got right before"
    case .stale: "answers with the results of an earlier problem that had other inputs"
    case .constant: "answers a result whose elements are all the same number, whatever is asked"
    case .tame: "refuses cases for what they hold: it takes the same sizes with ordinary values"
    case .whim: "refuses what it takes when it is asked again, or afresh"
    case .recipe: "is right where it is told which case it is asked, and wrong where it is not"
    case .precision: "answers like a kernel with coarser products than it declares"
    }
  }

  /// Whether it shows that answers cannot be relied on; the others say how a wrong one came about, or what was not judged.
  package var isAboutAnswers: Bool { self != .tame && self != .whim }
}

/// What came of one kind of probe.
package struct ProbeTally: Hashable, Sendable {
  /// How often it was made, and how often it failed.
  package var asked = 0, broken = 0
  /// The first case on which it did.
  package var recipe: String?
  /// What was seen there, in a clause, beside what it means.
  package var detail: String?

  /// Nothing yet.
  package init() {}

  /// Adds one.
  ///
  /// - Parameters:
  ///   - breach: what was seen; nil where it passed.
  ///   - recipe: of the case.
  mutating func add(_ breach: String?, on recipe: String?) {
    asked += 1
    guard let breach else { return }
    broken += 1
    if broken == 1 { (self.recipe, detail) = (recipe, breach.isEmpty ? nil : breach) }
  }
}
