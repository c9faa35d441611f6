import GatedDeltaRule

/// What twins say of one result of one case, as a function of the size f of a fault in it.
///
/// The gain that an error looks like is linear in f and its mean square is a parabola, so that both are known for every
/// f from three answers: an honest one, the same with the fault, and the fault alone.
struct EvidenceTrend: Sendable {
  private let honest: ResultEvidence
  private let slopes: [Double]  // of the scores
  private let constant, linear, square: Double  // of the mean square, relative to the largest of the twins'

  /// - Parameters:
  ///   - honest: what they say of an honest answer.
  ///   - answer: that answer, as it is stored.
  ///   - fault: what a fault of size 1 adds to it.
  init(
    _ honest: ResultEvidence, _ projection: Projection, _ reference: Tensor, answer: Tensor, fault: [Double]
  ) {
    func plus(_ values: [Double]) -> Tensor {
      Tensor(
        shape: reference.shape, precision: .fp64, values: zip(values, fault).map { $0 + $1 })
    }
    self.honest = honest
    let alone = plus(reference.values)
    let gains = projection.gains(of: alone)
    slopes = honest.scores.map { gains[$0.ordinal] }
    let (c, s) = (projection.meanSquare(of: answer), projection.meanSquare(of: alone))
    let both = projection.meanSquare(of: plus(answer.values))
    // spread^2 = c / largest; an answer without an error has none to say.
    let largest = honest.spread > 0 ? c / (honest.spread * honest.spread) : .infinity
    (constant, linear, square) = (c / largest, (both - c - s) / largest, s / largest)
  }

  /// What the case says with a fault of this size.
  ///
  /// - Parameter isTurned: of the honest error with the other sign, which is as likely.
  func evidence(_ fault: Double, isTurned: Bool = false) -> ResultEvidence {
    let scores = zip(honest.scores, slopes).map { score, slope in
      Score(
        ordinal: score.ordinal, gain: (isTurned ? -score.gain : score.gain) + fault * slope,
        deviation: score.deviation, predicted: score.predicted)
    }
    let turned = isTurned ? -linear : linear
    let spread = max(0, constant + fault * (turned + fault * square)).squareRoot()
    return ResultEvidence(quantity: honest.quantity, spread: spread, scores: scores, bias: honest.bias)
  }
}
