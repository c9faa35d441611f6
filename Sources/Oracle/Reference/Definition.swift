import GatedDeltaRule
import Sweep

/// The forward rule as a person would write it down, for any kind of number: `Reference` must agree with it bit
/// for bit in Double, and its derivative along a direction, in duals, must agree with the gradients.
struct Definition<Number: RuleNumber> {
  enum Gates {
    case core(g: [Number], beta: [Number])
    case model(a: [Number], b: [Number], A_log: [Number], dt_bias: [Number])
  }

  var q, k, v: [Number]
  var gates: Gates
  var state: [Number]

  init(q: [Number], k: [Number], v: [Number], gates: Gates, state: [Number]) {
    (self.q, self.k, self.v, self.gates, self.state) = (q, k, v, gates, state)
  }

  /// y and the final state; y is zero at masked tokens.
  func outputs(
    shape: Shape, mask: Mask?, contract: Contract, clamp: Declaration.Clamp
  ) -> (y: [Number], state: [Number]) {
    let (K, V) = (shape.Dk, shape.Dv)
    let contract = contract.acting(at: level)
    let scale = Number(contract.scaleFactor(Dk: K))
    var S = state
    var y = [Number](repeating: Number(0), count: shape.B * shape.T * shape.Hv * V)
    for b in 0..<shape.B {
      for t in 0..<shape.T where mask.map({ $0[b, t] }) ?? true {
        for h in 0..<shape.Hv {
          let token = (b * shape.T + t) * shape.Hv + h
          let place = ((b * shape.T + t) * shape.Hk + h / (shape.Hv / shape.Hk)) * K
          let k = row(self.k[place..<place + K], contract.queryKey)
          let q = row(self.q[place..<place + K], contract.queryKey).map { $0 * scale }
          let g = (0..<K).map { decay(token, channel: $0, shape: shape, contract: contract, clamp: clamp) }
          let beta = write(token, contract.write)
          for i in 0..<V {
            let row = ((b * shape.Hv + h) * V + i) * K
            var read = Number(0)
            for j in 0..<K {
              S[row + j] = S[row + j] * g[j]
              read = read + S[row + j] * k[j]
            }
            let delta = beta * (v[token * V + i] - read)
            var out = Number(0)
            for j in 0..<K {
              S[row + j] = S[row + j] + delta * k[j]
              out = out + S[row + j] * q[j]
            }
            y[token * V + i] = out
          }
        }
      }
    }
    return (y, S)
  }

  private var level: Level { if case .core = gates { .core } else { .model } }

  /// A key, or a query before it is scaled.
  private func row(_ x: ArraySlice<Number>, _ queryKey: Contract.QueryKey) -> [Number] {
    guard case .l2norm(let epsilon) = queryKey else { return Array(x) }
    let norm = Number.squareRoot(x.reduce(Number(0)) { $0 + $1 * $1 } + Number(epsilon))
    return x.map { $0 / norm }
  }

  private func write(_ token: Int, _ write: Contract.Write) -> Number {
    switch gates {
    case .core(_, let beta): beta[token]
    case .model(_, let b, _, _):
      switch write {
      case .sigmoid: Number.sigmoid(b[token])
      case .doubleSigmoid: Number(2) * Number.sigmoid(b[token])
      }
    }
  }

  private func decay(
    _ token: Int, channel: Int, shape: Shape, contract: Contract, clamp: Declaration.Clamp
  ) -> Number {
    let W = shape.decayWidth
    let j = W == 1 ? 0 : channel
    let i = token * W + j
    var g: Number
    var lambda: Number
    switch gates {
    case .core(let given, _):
      let isLogarithm = contract.decay == .log
      g = isLogarithm ? Number.exp(given[i]) : given[i]
      lambda = isLogarithm ? given[i] : Number.log(g)
    case .model(let a, _, let A_log, let dt_bias):
      let h = token % shape.Hv
      let x = a[i] + dt_bias[h * W + j]
      switch contract.gate {
      case .softplus: lambda = Number(0) - Number.exp(A_log[h]) * Number.softplus(x)
      case .bounded(let least, true): lambda = Number(least) * Number.sigmoid(Number.exp(A_log[h]) * x)
      case .bounded(let least, false): lambda = Number(least) * Number.sigmoid(x)
      }
      g = Number.exp(lambda)
    }
    switch clamp {
    case .none: break
    case .decay(let floor), .forwardDecay(let floor): if g.value <= floor { g = Number(floor) }
    case .logDecay(let floor): if lambda.value < floor { g = Number(Double.exp(floor)) }
    }
    return g
  }
}
