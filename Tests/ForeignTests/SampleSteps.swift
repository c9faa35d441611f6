import Foreign
import GatedDeltaRule

extension Step {
  /// Three rows, one of them of padding and one fresh and without tokens, on four slots.
  static func sample(
    _ kind: Kind, level: Level = .core, isPadded: Bool = false, wantsHistory: Bool = false,
    contract: Contract = .plain, Hv: Int = 1
  ) throws -> Step {
    let counts = [2, 1, 0]
    let takesTokens = kind == .advance || kind == .verify
    let shape = try Shape(
      B: isPadded ? 3 : 1, T: isPadded ? 2 : 3, Hk: 1, Hv: Hv, Dk: 2, Dv: 3)
    var rows = [
      Row(slot: 3, tokens: counts[0], kept: kind == .keep ? 1 : 0), Row(slot: nil, tokens: counts[1]),
      Row(slot: 0, tokens: counts[2], isFresh: true),
    ]
    if kind == .fork { rows = [Row(slot: 1, source: 3), Row(slot: 0, source: 2)] }
    let gates: Gates =
      switch level {
      case .core:
        .core(g: Tensor(shape: shape.gate, repeating: 0.5), beta: Tensor(shape: shape.token, repeating: 0.25))
      case .model:
        .model(
          a: tensor(shape.gate), b: tensor(shape.token), A_log: tensor(shape.A_log),
          dt_bias: tensor(shape.dt_bias))
      }
    let states = [4] + shape.state.dropFirst()
    let live = [true, true, true, false, false, false]
    let tokens = try Problem(
      shape: shape,
      primals: Primals(
        q: tensor(shape.key, from: 2), k: tensor(shape.key, from: -1), v: tensor(shape.value, from: 3),
        gates: gates, state: nil),
      mask: isPadded ? Mask(B: 3, T: 2, live: live) : nil, cotangents: Outputs(), contract: contract,
      domain: .any)
    var step = Step(
      kind, rows: rows, tokens: takesTokens ? tokens : nil, isPadded: isPadded && takesTokens,
      pool: tensor(states, precision: contract.state, from: 4), wantsHistory: wantsHistory,
      contract: contract)
    if kind == .keep { step.history = tensor(step.historyShape, precision: contract.state, from: -2) }
    return step
  }
}
