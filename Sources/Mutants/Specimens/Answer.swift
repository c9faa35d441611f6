import GatedDeltaRule

/// What a sweep fills in, in one arithmetic.
struct Answer<R: Scalar> {
  let shape: Shape
  var y: [R], dv: [R]  // [B, T, Hv, Dv]
  var state: [R], dstate: [R]  // [B, Hv, Dv, Dk]
  var dq: [R], dk: [R]  // [B, T, Hk, Dk]
  var dg: [R]  // [B, T, Hv, decayWidth]
  var dbeta: [R]  // [B, T, Hv]

  init(_ shape: Shape) {
    func zeros(_ shape: [Int]) -> [R] { [R](repeating: 0, count: shape.reduce(1, *)) }
    self.shape = shape
    (y, dv) = (zeros(shape.value), zeros(shape.value))
    (state, dstate) = (zeros(shape.state), zeros(shape.state))
    (dq, dk) = (zeros(shape.key), zeros(shape.key))
    (dg, dbeta) = (zeros(shape.gate), zeros(shape.token))
  }

  /// The last touch: nothing at masked tokens.
  mutating func finish(_ sample: Sample<R>, stateCotangentIsGiven: Bool) {
    let fault = sample.fault
    for token in sample.live.indices where !sample.live[token] {
      clear(&y, token)
      clear(&dv, token)
      clear(&dq, token)
      clear(&dk, token)
      clear(&dbeta, token)
      if fault == .maskedGradientStale && token > 0 { repeatToken(&dg, token) } else { clear(&dg, token) }
    }
    switch fault {
    case .finalStateBF16: state = state.map { $0.rounded(to: .bf16) }
    case .finalStateTransposed: state = Sample.transposed(state, shape)
    case .stateLostWithoutTokens where shape.T == 0: state = state.map { _ in 0 }
    case .stateGradientNeedsCotangent where !stateCotangentIsGiven: dstate = dstate.map { _ in 0 }
    case .stateGradientOffsetTwice: offsetTwice()
    case .readoutHalf: y = y.map { $0.rounded(to: .fp16) }
    case .groupAveraged:
      dq = dq.map { $0 / R(shape.groupSize) }
      dk = dk.map { $0 / R(shape.groupSize) }
    default: break
    }
  }

  private func clear(_ values: inout [R], _ token: Int) {
    let width = values.count / (shape.B * shape.T)
    for i in token * width..<(token + 1) * width { values[i] = 0 }
  }

  private func repeatToken(_ values: inout [R], _ token: Int) {
    let width = values.count / (shape.B * shape.T)
    for i in token * width..<(token + 1) * width { values[i] = values[i - width] }
  }

  /// Heads end up where twice their offset points to, or nowhere.
  private mutating func offsetTwice() {
    let size = shape.Dv * shape.Dk
    let right = dstate
    for head in 0..<shape.B * shape.Hv {
      let source = head % 2 == 0 ? right[(head / 2) * size..<(head / 2 + 1) * size] : []
      for i in 0..<size { dstate[head * size + i] = source.isEmpty ? 0 : source[source.startIndex + i] }
    }
  }

  /// By name.
  func evaluation(_ gates: GateRule<R>, gradients: Bool) -> Evaluation {
    func tensor(_ shape: [Int], _ values: [R]) -> Tensor {
      Tensor(shape: shape, precision: R.precision, values: values.map { Double($0) })
    }
    let outputs = Outputs(y: tensor(shape.value, y), state: tensor(shape.state, state))
    guard gradients else { return Evaluation(outputs: outputs, gradients: nil) }
    return Evaluation(
      outputs: outputs,
      gradients: Primals(
        q: tensor(shape.key, dq), k: tensor(shape.key, dk), v: tensor(shape.value, dv),
        gates: gates.gradients(dg: dg, dbeta: dbeta, tensor), state: tensor(shape.state, dstate)))
  }
}
