import GatedDeltaRule

/// Who declares roundings widens the bound, and so writes the law that the answers are judged by. Beside the verdict
/// stands therefore how they are under the plain law.
extension CrossCheck {
  /// Notes how far the answer is off by the bound of fp32 throughout, and what is declared coarser than the inputs.
  func standUnderThePlainLaw(
    _ judgement: inout Judgement, _ evaluation: Evaluation, _ declaration: Declaration
  ) {
    guard declaration.isCoarse, !judgement.ratios.isEmpty else { return }
    let plain = judge(evaluation: evaluation, double: nil, declaration: declaration.plain)
    judgement.plainRatio = plain.ratios.values.reduce(0) { $1 <= $0 ? $0 : $1 }
    let input = problem.primals.q.precision
    let coarser = declaration.coarser(than: input)
    guard judgement.note == nil, !coarser.isEmpty else { return }
    judgement.note = "\(coarser.joined(separator: ", ")) declared, coarser than inputs in \(input.rawValue)"
  }
}

extension Declaration {
  /// Whether anything is rounded more coarsely than fp32.
  var isCoarse: Bool { !coarser(than: .fp32).isEmpty }

  /// What is rounded more coarsely than a format, as the hello says it.
  func coarser(than input: Precision) -> [String] {
    let formats = [
      ("beta", betaPrecision.rawValue, betaPrecision.unitRoundoff),
      ("exp|b|", sigmoidPrecision.rawValue, sigmoidPrecision.unitRoundoff),
      ("g", decayPrecision.rawValue, decayPrecision.unitRoundoff),
      ("dq", headPrecision.rawValue, headPrecision.unitRoundoff),
      ("products", products.rawValue, products.unitRoundoff),
    ]
    let roundoff = max(input.unitRoundoff, Precision.fp32.unitRoundoff)
    return formats.filter { $0.2 > roundoff }.map { "\($0.0):\($0.1)" }
  }

  /// The same in fp32 throughout; of an allowance for other forms of the algorithm what it is in fp32.
  var plain: Declaration {
    var plain = self
    (plain.betaPrecision, plain.decayPrecision, plain.headPrecision) = (.fp32, .fp32, .fp32)
    (plain.sigmoidPrecision, plain.products) = (.fp32, .fp32)
    plain.floor = min(floor, 2 * Precision.fp32.unitRoundoff)
    return plain
  }
}
