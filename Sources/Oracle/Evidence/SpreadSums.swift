import Foundation

/// How often the error of a result was larger than those of all twins together.
///
/// Among R + 1 errors of one distribution the answer's is the largest with a probability of 1/(R + 1), and larger by a
/// factor less often. A bet on a probability p of it multiplies what is staked by p / p0 where it is, and by
/// (1 - p) / (1 - p0) where it is not: fair at most for an honest kernel.
package struct SpreadSums: Sendable, Hashable, Codable {
  /// Cases, and those of them in which it was larger by the factor.
  package private(set) var cases: Int, larger: Int

  /// With the twin that is no part of the deviations there are five.
  static let chance = 1.0 / Double(Score.twins + 2)
  private static let bets = [0.3, 0.5, 0.7, 0.85, 0.95]

  /// Of one case.
  init(_ spread: Double) { (cases, larger) = (1, spread <= ResultEvidence.largestSpread ? 0 : 1) }

  /// Of none.
  init() { (cases, larger) = (0, 0) }

  mutating func add(_ other: SpreadSums) {
    cases += other.cases
    larger += other.larger
  }

  /// The logarithm of what the bets have come to on the average.
  var logarithm: Double { logarithm(times: 1) }

  /// The same of as many times these cases.
  func logarithm(times factor: Double) -> Double {
    let outcomes = SpreadSums.bets.map { p in
      Int64(
        (Double(larger) * log(p / SpreadSums.chance)
          + Double(cases - larger) * log((1 - p) / (1 - SpreadSums.chance))) / Bet.unit)
    }
    return Bet.logarithm(ofMean: outcomes, times: factor)
  }

  func isSound(of all: Int) -> Bool { cases.isCount(of: all) && larger.isCount(of: cases) }
}
