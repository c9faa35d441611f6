import GatedDeltaRule

/// The evidence that a run has in one direction of one result: whole numbers, so that the sums of shards are those of the
/// run in one, in any order.
package struct DirectionSums: Sendable, Hashable {
  /// What the bets on each gain have come to, for an excess and for a want, in units of `Bet.unit`.
  private(set) var excess: [Int64], want: [Int64]
  /// Cases that had the direction.
  package private(set) var cases: Int
  /// The weighted sum of the gains, and of the weights, from which the gain is estimated: in units of 2^-26.
  private(set) var weightedGain: Int64, weight: Int64
  /// The case in which the least gain would show, and the deviation there, as the bits of a Double.
  package private(set) var sharpest: Int
  private(set) var sharpness: UInt64

  /// Of one case.
  init(_ score: Score, bias: Double, index: Int) {
    excess = DirectionSums.outcomes(score.score(true, bias: bias), score)
    want = DirectionSums.outcomes(score.score(false, bias: bias), score)
    cases = 1
    (sharpest, sharpness) = (index, score.deviation.bitPattern)
    let ratio = 0x1p-8 / score.predicted
    let weight = min(64, max(0x1p-20, ratio * ratio))
    let gain = score.gain.magnitude <= 4 ? score.gain : score.gain > 0 ? 4 : -4
    self.weight = Int64(weight * 0x1p26)
    weightedGain = gain.isNaN ? 0 : Int64(gain * weight * 0x1p26)
  }

  private static func outcomes(_ score: Double, _ all: Score) -> [Int64] {
    Bet.gains.map { Bet.outcome(of: score, betting: $0, predicted: all.predicted) }
  }

  /// Adds what another case, or another shard, came to.
  mutating func add(_ other: DirectionSums) {
    for i in excess.indices {
      excess[i] = DirectionSums.sum(excess[i], other.excess[i])
      want[i] = DirectionSums.sum(want[i], other.want[i])
    }
    cases += other.cases
    weightedGain = DirectionSums.sum(weightedGain, other.weightedGain)
    weight = DirectionSums.sum(weight, other.weight)
    if (other.sharpness, other.sharpest) < (sharpness, sharpest) {
      (sharpness, sharpest) = (other.sharpness, other.sharpest)
    }
  }

  /// What is too large for a number stays the largest: no run is as long.
  private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflows) = left.addingReportingOverflow(right)
    return overflows ? (left > 0 ? .max : .min) : sum
  }

  /// The gain that the errors look like over all cases, the sharper counting more.
  package var gain: Double { weight > 0 ? Double(weightedGain) / Double(weight) : 0 }

  /// The logarithm of the evidence for an excess or for a want.
  ///
  /// - Parameter factor: of as many times these cases.
  func logarithm(ofExcess isExcess: Bool, times factor: Double = 1) -> Double {
    Bet.logarithm(ofMean: isExcess ? excess : want, times: factor)
  }

  /// Whether it can be what so many cases come to.
  func isSound(of all: Int) -> Bool {
    excess.count == Bet.gains.count && want.count == Bet.gains.count && cases.isCount(of: all)
      && sharpest.isCount && weight >= 0
  }
}

extension DirectionSums: Codable {
  /// One row of whole numbers: there are hundreds of them in a record.
  package func encode(to encoder: any Encoder) throws {
    var row = encoder.unkeyedContainer()
    for number in [Int64(cases), Int64(sharpest), Int64(bitPattern: sharpness), weightedGain, weight] {
      try row.encode(number)
    }
    for number in excess + want { try row.encode(number) }
  }

  package init(from decoder: any Decoder) throws {
    var row = try decoder.unkeyedContainer()
    (cases, sharpest) = (try row.decode(Int.self), try row.decode(Int.self))
    sharpness = UInt64(bitPattern: try row.decode(Int64.self))
    (weightedGain, weight) = (try row.decode(Int64.self), try row.decode(Int64.self))
    (excess, want) = ([], [])
    for _ in Bet.gains { excess.append(try row.decode(Int64.self)) }
    for _ in Bet.gains { want.append(try row.decode(Int64.self)) }
  }
}
