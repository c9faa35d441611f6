import GatedDeltaRule

/// Who declares roundings widens the bound, and so writes the law that the answers are judged by. Beside the verdict
/// stands therefore how they are under the plain law.
extension CrossCheck {
  /// Notes how far the answer is off by the bound of fp32 throughout, and what is declared, or stored, coarser than the
  /// inputs and coarser than the rule asks for.
  func standUnderThePlainLaw(
    _ judgement: inout Judgement, _ evaluation: Evaluation, _ declaration: Declaration
  ) {
    let input = problem.primals.q.precision
    let stored = Quantity.allCases.filter { quantity in
      evaluation[quantity].map { $0.precision.isCoarser(than: askedPrecision(of: quantity)) } ?? false
    }
    guard declaration.isCoarse || !stored.isEmpty, !judgement.ratios.isEmpty else { return }
    // What a result is stored in excuses one rounding to that: whoever chooses it widens the bound as well.
    var answer = evaluation
    for quantity in stored {
      answer.results[quantity] = evaluation[quantity].map { Tensor(shape: $0.shape, values: $0.values) }
    }
    let plain = judge(evaluation: answer, double: nil, declaration: declaration.plain)
    judgement.plainRatio = plain.ratios.values.reduce(0) { $1 <= $0 ? $0 : $1 }
    let coarser = declaration.coarser(than: input)
    guard judgement.note == nil else { return }
    if !coarser.isEmpty {
      judgement.note = "\(coarser.joined(separator: ", ")) declared, coarser than inputs in \(input.rawValue)"
    } else if let first = stored.first, let tensor = evaluation[first] {
      judgement.note =
        "\(stored.map(\.rawValue).joined(separator: ", ")) stored in \(tensor.precision.rawValue), coarser than inputs in \(input.rawValue)"
    }
  }

  /// The format that the rule asks a result in: of the final state that of states between calls, if it is coarser than the
  /// inputs.
  private func askedPrecision(of quantity: Quantity) -> Precision {
    let input = problem.primals.q.precision
    return quantity == .stateOut && problem.contract.state.isCoarser(than: input)
      ? problem.contract.state : input
  }
}

extension Precision {
  /// Whether it has fewer digits than the inputs, and than fp32, which results may always be stored in.
  fileprivate func isCoarser(than input: Precision) -> Bool {
    unitRoundoff > max(input.unitRoundoff, Precision.fp32.unitRoundoff)
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
      ("qk", queryKeyPrecision?.rawValue ?? "", queryKeyPrecision?.unitRoundoff ?? 0),
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
    (plain.sigmoidPrecision, plain.products, plain.queryKeyPrecision) = (.fp32, .fp32, nil)
    plain.floor = min(floor, 2 * Precision.fp32.unitRoundoff)
    return plain
  }
}
