import GatedDeltaRule

/// Some tokens of a call, as a problem of their own.
extension Problem {
  /// These tokens of every row, from states.
  func tokens(_ range: Range<Int>, from state: Tensor, mask: Mask? = nil) throws -> Problem {
    let gates: Gates =
      switch primals.gates {
      case .core(let g, let beta): .core(g: tokens(range, of: g), beta: tokens(range, of: beta))
      case .model(let a, let b, let A_log, let dt_bias):
        .model(a: tokens(range, of: a), b: tokens(range, of: b), A_log: A_log, dt_bias: dt_bias)
      }
    let cut = mask.map { mask in
      Mask(
        B: mask.B, T: range.count, live: (0..<mask.B).flatMap { b in range.map { mask[b, $0] } })
    }
    let shape = try Shape(
      B: shape.B, T: range.count, Hk: shape.Hk, Hv: shape.Hv, Dk: shape.Dk, Dv: shape.Dv,
      decayKind: shape.decayKind)
    let primals = Primals(
      q: tokens(range, of: primals.q), k: tokens(range, of: primals.k), v: tokens(range, of: primals.v),
      gates: gates, state: state)
    return try Problem(
      shape: shape, primals: primals, mask: cut, cotangents: Outputs(), contract: contract, domain: .any)
  }

  /// These tokens of every row of a tensor.
  private func tokens(_ range: Range<Int>, of tensor: Tensor) -> Tensor {
    let width = tensor.shape.dropFirst(2).reduce(1, *)
    let values = (0..<shape.B).flatMap { b in
      let first = b * shape.T
      return tensor.values[(first + range.lowerBound) * width..<(first + range.upperBound) * width]
    }
    return Tensor(
      shape: [shape.B, range.count] + tensor.shape.dropFirst(2), precision: tensor.precision, values: values)
  }

  /// The state decays, and nothing is written.
  func writingNothing() throws -> Problem { try with(write: 0, raw: -.infinity) }

  /// All of v is written, whatever the write strength says.
  func writingAll() throws -> Problem { try with(write: 1, raw: .infinity) }

  /// Nothing decays, whatever the gate says.
  func decayingNothing() throws -> Problem { try with(decay: 1, raw: -.infinity) }

  private func with(write: Double? = nil, decay: Double? = nil, raw: Double) throws -> Problem {
    func filled(_ tensor: Tensor, _ value: Double?) -> Tensor {
      value.map { Tensor(shape: tensor.shape, precision: tensor.precision, repeating: $0) } ?? tensor
    }
    var primals = primals
    primals.gates =
      switch primals.gates {
      case .core(let g, let beta): .core(g: filled(g, decay), beta: filled(beta, write))
      case .model(let a, let b, let A_log, let dt_bias):
        .model(
          a: filled(a, decay.map { _ in raw }), b: filled(b, write.map { _ in raw }), A_log: A_log,
          dt_bias: dt_bias)
      }
    return try Problem(
      shape: shape, primals: primals, mask: mask, cotangents: cotangents, contract: contract, domain: .any)
  }
}
