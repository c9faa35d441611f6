import GatedDeltaRule

extension Mutant {
  /// A result that is 1 % too large, by kernels whose declared roundings are as large; the gradients of the model's gates
  /// by one that computes in fp32 and is right in fp64.
  static let gains: [Mutant] =
    [.y, .stateOut, .dq, .dk, .dv, .dg, .dbeta, .dstateIn].map {
      gain(.coarseChunk, of: $0, "a scale left over").needing(.exactness)
    } + [.da, .db, .dA_log, .ddt_bias].map { gain(.chunk, of: $0, "a rate's rounding", inFP32Alone: true) }

  private static func gain(
    _ clean: Specimen, of quantity: Quantity, _ model: String, inFP32Alone: Bool = false
  ) -> Mutant {
    let name = quantity.rawValue.lowercased().replacing("_", with: "-")
    let suffix = inFP32Alone ? "-in-fp32-alone" : ""
    return Mutant(
      .precision, clean, "gain-of-\(name)\(suffix)",
      "\(quantity.rawValue) is 1 % too large"
        + (inFP32Alone ? ", in fp32 alone" : ", where products are bf16"),
      model: model
    ) { call in
      var answer = call.honest()
      if inFP32Alone && call.request.arithmetic == .double { return answer }
      answer.results[quantity] = answer[quantity].map { tensor in
        Tensor(
          shape: tensor.shape, precision: tensor.precision,
          values: tensor.values.map { tensor.precision.round($0 * 1.01) })
      }
      return answer
    }
  }
}
