import Foundation
import GatedDeltaRule

/// What the evidence of a run proves against an implementation: the errors are not those of an honest kernel that rounds
/// as it is declared to.
package struct Conviction: Sendable, Hashable {
  /// The chance that a run convicts any honest kernel.
  package static let errorRate = 1e-9

  /// What is looked for in one implementation: every result in every direction, an excess and a want, and its spread.
  package static let hypotheses = Quantity.allCases.count * (2 * Direction.all.count + 1)

  /// What is convicted.
  package enum Kind: Sendable, Hashable {
    /// The result, or a part of it, is so many times what it should be; or as if an input were.
    case gain(Direction, factor: Double)
    /// The errors were larger than those of all twins in so many cases.
    case spread(larger: Int)
  }

  /// The result.
  package let quantity: Quantity
  /// What is wrong with it.
  package let kind: Kind
  /// The natural logarithm of the evidence.
  package let logarithm: Double
  /// Cases that it comes from.
  package let cases: Int
  /// The case of the run whose family shows it best; nil where that is not known.
  package let index: Int?
}

extension Conviction {
  /// How many times what it should be the result is; NaN where the errors have no direction.
  var factor: Double { if case .gain(_, let factor) = kind { factor } else { .nan } }

  /// As a disagreement says it.
  var systematic: Disagreement.Systematic {
    var (direction, larger): (String?, Int?)
    switch kind {
    case .gain(let along, _): direction = along.key
    case .spread(let count): larger = count
    }
    return Disagreement.Systematic(
      direction: direction, cases: cases, larger: larger, logarithm: logarithm)
  }
}

extension RunEvidence {
  /// Everything that is convicted, the strongest evidence first.
  ///
  /// - Parameter implementations: those of the run, over which its error rate is split.
  package func convictions(among implementations: Int) -> [Conviction] {
    convictions(past: RunEvidence.threshold(among: implementations))
  }

  /// Everything of which the logarithm of the evidence is as large.
  package func convictions(past least: Double) -> [Conviction] {
    Quantity.allCases.flatMap { quantity -> [Conviction] in
      results[quantity.rawValue].map { $0.convictions(of: quantity, past: least) } ?? []
    }.sorted { $0.logarithm > $1.logarithm }
  }

  /// The logarithm that evidence must reach.
  package static func threshold(among implementations: Int) -> Double {
    log(Double(Conviction.hypotheses * max(1, implementations)) / Conviction.errorRate)
  }
}

extension RunEvidence.OfResult {
  /// Of a result what shows best, and nothing else: what is wrong in one direction is so in many.
  fileprivate func convictions(of quantity: Quantity, past least: Double) -> [Conviction] {
    var best: Conviction?
    for direction in Direction.all {
      guard let sums = directions[direction.key] else { continue }
      for isExcess in [true, false] {
        let logarithm = sums.logarithm(ofExcess: isExcess)
        // A part must show more than the whole to be named instead of it.
        guard logarithm >= least, logarithm > 1.1 * (best?.logarithm ?? 0) else { continue }
        best = Conviction(
          quantity: quantity, kind: .gain(direction, factor: 1 + sums.gain), logarithm: logarithm,
          cases: sums.cases, index: sums.sharpest)
      }
    }
    if let best { return [best] }
    let logarithm = spread.logarithm
    guard logarithm >= least else { return [] }
    return [
      Conviction(
        quantity: quantity, kind: .spread(larger: spread.larger), logarithm: logarithm, cases: spread.cases,
        index: directions[Direction.whole.key]?.sharpest)
    ]
  }
}
