import GatedDeltaRule
import Sweep

/// A declared rounding of beta or g is made in the reference, so that the bound need not pay for it. Whoever declares one
/// and does not make it is more exact than it says: its answer is then compared with the rule without that rounding.
/// The whole answer, with one rule: what rounds in one result and not in another agrees with neither.
extension CrossCheck {
  /// Comparisons by the first rule that an answer agrees with, as declared or with fewer roundings; by the declared one
  /// if it agrees with none.
  func governing(
    _ declaration: Declaration, _ compare: (Declaration) -> [Comparison]
  ) -> (law: Declaration, comparisons: [Comparison]) {
    let asDeclared = compare(declaration)
    guard !isWithin(asDeclared) else { return (declaration, asDeclared) }
    for law in withFewerRoundings(declaration) {
      let comparisons = compare(law)
      if isWithin(comparisons) { return (law, comparisons) }
    }
    return (declaration, asDeclared)
  }

  private func isWithin(_ comparisons: [Comparison]) -> Bool { comparisons.allSatisfy { $0.ratio <= 1 } }

  /// Without the rounding of one gate or of both, where that is another rule on this problem.
  private func withFewerRoundings(_ declaration: Declaration) -> [Declaration] {
    let acting = acting(DeclaredGates(declaration))
    var (withoutBeta, withoutDecay) = (declaration, declaration)
    withoutBeta.betaPrecision = .fp32
    withoutDecay.decayPrecision = .fp32
    var neither = withoutBeta
    neither.decayPrecision = .fp32
    switch (acting.beta == .fp32, acting.decay == .fp32) {
    case (true, true): return []
    case (false, true): return [withoutBeta]
    case (true, false): return [withoutDecay]
    case (false, false): return [withoutBeta, withoutDecay, neither]
    }
  }

  /// What is said where declared roundings are not made.
  func unmadeRoundings(_ declaration: Declaration, _ law: Declaration) -> String? {
    let unmade = [
      ("beta", declaration.betaPrecision, law.betaPrecision),
      ("g", declaration.decayPrecision, law.decayPrecision),
    ].filter { $0.1 != $0.2 }.map { "\($0.0):\($0.1.rawValue)" }
    return unmade.isEmpty ? nil : "\(unmade.joined(separator: ", ")) \(CrossCheck.unmade)"
  }

  /// How that ends.
  static let unmade = "declared and not rounded so"
}
