import GatedDeltaRule

extension Problem {
  /// All zeros, of these sizes: for tests of the way there and back.
  public static func zeros(T: Int = 2, Dk: Int = 2, Dv: Int = 3) throws -> Problem {
    let shape = try Shape(B: 1, T: T, Hk: 1, Hv: 1, Dk: Dk, Dv: Dv)
    return try Problem(
      shape: shape,
      primals: Primals(
        q: Tensor(shape: shape.key), k: Tensor(shape: shape.key), v: Tensor(shape: shape.value),
        gates: .core(g: Tensor(shape: shape.gate), beta: Tensor(shape: shape.token)), state: nil),
      cotangents: Outputs())
  }

  /// The same problem with another value in every masked entry.
  public func padded(with value: Double) throws -> Problem {
    func pad(_ tensor: Tensor) -> Tensor {
      guard let mask else { return tensor }
      var copy = tensor
      let width = tensor.values.count / mask.live.count
      for i in copy.values.indices where !mask.live[i / width] { copy.values[i] = value }
      return copy
    }
    var padded = primals
    (padded.q, padded.k, padded.v) = (pad(primals.q), pad(primals.k), pad(primals.v))
    switch primals.gates {
    case .core(let g, let beta): padded.gates = .core(g: pad(g), beta: pad(beta))
    case .model(let a, let b, let A_log, let dt_bias):
      padded.gates = .model(a: pad(a), b: pad(b), A_log: A_log, dt_bias: dt_bias)
    }
    return try Problem(
      shape: shape, primals: padded, mask: mask,
      cotangents: Outputs(y: cotangents.y.map(pad), state: cotangents.state))
  }
}
