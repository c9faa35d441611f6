import Foundation
import GatedDeltaRule

/// How far an error stands out in one direction, against errors that are known to be honest.
///
///     s = ((+-a) - mu) / (c sigma)        held between -6 and 6
///
/// with a the gain that the error looks like, mu the bias that is allowed, sigma the deviation of the twins' gains, and
/// c the factor within which they know that of an honest kernel.
package struct Score: Sendable, Hashable {
  /// The factor within which the twins know how large honest errors are: on shipped kernels, in every family of cases
  /// tried, none was larger.
  package static let factor = 1.5
  /// No case says more than that: what stands out further may be a case that the twins do not know.
  package static let limit = 6.0
  /// Twins that sigma is estimated from.
  package static let twins = 4
  /// Deviations are never taken to be smaller than a rounding of fp32.
  package static let floor = Precision.fp32.unitRoundoff
  /// The part of a unit roundoff that an honest kernel may be off by on the average.
  package static let allowedBias = 1.0 / 16

  /// By its place in `Direction.all`.
  package let ordinal: Int
  /// The gain that the error looks like.
  package let gain: Double
  /// The deviation of the twins'.
  package let deviation: Double
  /// The same from another twin, which is no part of it: by that it is decided how much a case may say.
  package let predicted: Double

  /// Of a direction in one case.
  package init(ordinal: Int, gain: Double, deviation: Double, predicted: Double) {
    (self.ordinal, self.gain) = (ordinal, gain)
    (self.deviation, self.predicted) = (deviation, predicted)
  }

  /// The score of an excess, and of a want, of the result; 0 at most where it is within the bias.
  package func score(_ isExcess: Bool, bias: Double) -> Double {
    let full = unlimited(isExcess, bias: bias)
    // What is no number is never evidence for anything.
    return full >= Score.limit ? Score.limit : full >= -Score.limit ? full : -Score.limit
  }

  /// The same without a limit.
  func unlimited(_ isExcess: Bool, bias: Double) -> Double {
    ((isExcess ? gain : -gain) - bias) / (Score.factor * deviation)
  }
}

/// What is bet on a score: the factor by which a case adds to the evidence.
///
/// For an honest kernel a/(c sigma) is a number of Student's distribution with 4 degrees of freedom, or of one that is
/// narrower, but for one case in a thousand, of which nothing is assumed. So
///
///     E exp(lambda s) <= (1 - 1/1000) M(lambda) + exp(6 lambda) / 1000 = exp psi(lambda)
///
/// where M is the mean of exp(lambda s) over that distribution, and exp(lambda s - psi(lambda)) is a fair bet at most,
/// whatever lambda is, as long as it is chosen before s is known.
package enum Bet {
  /// The gains that are bet on: evidence is the mean of what the bets on them have come to.
  package static let gains = [0x1p-2, 0x1p-4, 0x1p-6, 0x1p-8, 0x1p-10, 0x1p-12]
  /// Evidence is counted in these, of its natural logarithm.
  package static let unit = 0x1p-20

  /// psi of 2, 1, 1/2, ...; a test computes it from the distribution.
  package static let prices: [Double] = [
    6.472534269, 1.412128067, 0.269651701, 0.062411347, 0.015608971,
    0.004063472, 0.001107524, 0.000323568, 0.000104311, 0.000037795,
  ]

  /// The logarithm of what a bet on a gain comes to, in units, rounded down.
  package static func outcome(of score: Double, betting gain: Double, predicted: Double) -> Int64 {
    let stake = gain / (2 * Score.factor * predicted)
    guard stake >= 0x1p-8 else { return 0 }
    let exponent = min(1, Int(stake.exponent))
    let lambda = Double(sign: .plus, exponent: exponent, significand: 1)
    return Int64(((lambda * score - prices[1 - exponent]) / unit).rounded(.down))
  }

  /// The logarithm of the mean of what bets have come to, or would come to in so many times the cases.
  static func logarithm(ofMean outcomes: [Int64], times factor: Double = 1) -> Double {
    let logarithms = outcomes.map { Double($0) * unit * factor }
    guard let largest = logarithms.max() else { return -.infinity }
    let sum = logarithms.reduce(0) { $0 + exp($1 - largest) }
    return largest + log(sum / Double(logarithms.count))
  }
}
