//  The gates and their VJP.
//
//    x = a + dt_bias;  lambda = -exp(A_log) softplus(x);  g = exp(lambda);  beta = sigmoid(b)
//    dlambda = g dg;   da = -dlambda exp(A_log) sigmoid(x);   db = dbeta sigmoid(b) sigmoid(-b)
//    dA_log[h] = sum dlambda lambda;   ddt_bias[h] = sum_{b,t} da
//
//  with a floor, where an implementation has one, under g or under lambda, and a zero gradient below it.

import GatedDeltaRule

/// How an implementation turns what it is given into decay and write strength.
package struct GateRule: Hashable, Sendable {
  /// A floor under the decay.
  package var clamp: Declaration.Clamp = .none
  /// Whether g is rounded to the format of `a` (at core level, of `g`), as a kernel does that keeps its gates in
  /// the input's type.
  package var roundsDecay = false

  /// By default neither.
  package init(clamp: Declaration.Clamp = .none, roundsDecay: Bool = false) {
    (self.clamp, self.roundsDecay) = (clamp, roundsDecay)
  }

  /// g, and whether a gradient passes through it.
  func apply<R: Real>(toDecay g: R, precision: Precision) -> (g: R, passes: Bool) {
    var result = g
    var passes = true
    switch clamp {
    case .none: break
    case .decay(let floor):
      passes = g.double > floor
      if g < R(floor) { result = R(floor) }
    case .logDecay(let floor):
      let least = R.exp(R(floor))
      // Written so that a NaN passes on.
      passes = !(g < least)
      if !passes { result = least }
    }
    return (roundsDecay ? R(precision.round(result.double)) : result, passes)
  }
}

/// The gates of one problem in a kernel's arithmetic.
struct GateValues<R: Real> {
  /// Elements from one token's gate to the next: 1, or Dk padded.
  let stride: Int
  let g: UnsafeMutablePointer<R>  // [B, T, Hv, stride]
  let passes: UnsafeMutablePointer<Bool>  // as g
  let beta: UnsafeMutablePointer<R>  // [B, T, Hv]

  init(_ problem: Problem, rule: GateRule, arena: Arena) {
    let shape = problem.shape
    let width = shape.decayWidth
    let rows = shape.B * shape.T * shape.Hv
    stride = shape.decay == .scalar ? 1 : lanes(width) * 8
    g = arena.allocate(rows * stride, filledWith: 1)
    passes = arena.allocate(rows * stride, filledWith: false)
    beta = arena.allocate(rows, filledWith: 0)
    for row in 0..<rows where problem.isLive(row: row) {
      beta[row] = GateValues.writeStrength(problem.primals.gates, row: row)
      for channel in 0..<width {
        let decay = GateValues.decay(
          problem.primals.gates, row: row, channel: channel, shape: shape, rule: rule)
        (g[row * stride + channel], passes[row * stride + channel]) = decay
      }
    }
  }

  private static func writeStrength(_ gates: Gates, row: Int) -> R {
    switch gates {
    case .core(_, let beta): R(beta.values[row])
    case .model(_, let b, _, _): R.sigmoid(R(b.values[row]))
    }
  }

  private static func decay(
    _ gates: Gates, row: Int, channel: Int, shape: Shape, rule: GateRule
  ) -> (R, Bool) {
    switch gates {
    case .core(let g, _):
      return rule.apply(toDecay: R(g.values[row * shape.decayWidth + channel]), precision: g.precision)
    case .model(let a, _, _, _):
      let gate = ModelGate<R>(gates, row: row, channel: channel, shape: shape)
      if case .logDecay(let floor) = rule.clamp {
        // The floor is under lambda itself: exp and back would move the kink.
        let passes = !(gate.lambda < R(floor))
        let g = R.exp(passes ? gate.lambda : R(floor))
        return (rule.roundsDecay ? R(a.precision.round(g.double)) : g, passes)
      }
      return rule.apply(toDecay: R.exp(gate.lambda), precision: a.precision)
    }
  }
}

/// One gate at model level.
struct ModelGate<R: Real> {
  let x: R
  let exponential: R
  let lambda: R

  /// - Precondition: the gates are at model level.
  init(_ gates: Gates, row: Int, channel: Int, shape: Shape) {
    guard case .model(let a, _, let A_log, let dt_bias) = gates else { preconditionFailure("core gates") }
    let head = row % shape.Hv
    let width = shape.decayWidth
    x = R(a.values[row * width + channel]) + R(dt_bias.values[head * width + channel])
    exponential = R.exp(R(A_log.values[head]))
    lambda = -(exponential * R.softplus(x))
  }
}

extension Problem {
  /// Whether row `row` of [B, T, Hv] belongs to a live token.
  func isLive(row: Int) -> Bool { mask?.live[row / shape.Hv] ?? true }
}

extension GateValues {
  /// The gradients of the gates' inputs from those of g and beta.
  func gradients(
    _ problem: Problem, ddecay: UnsafeMutablePointer<R>, dbeta: UnsafeMutablePointer<R>
  ) -> Gates {
    let shape = problem.shape
    let rows = shape.B * shape.T * shape.Hv
    let width = shape.decayWidth
    func empty(_ shape: [Int]) -> Tensor { Tensor(shape: shape, precision: R.precision) }
    guard case .model(_, let b, _, _) = problem.primals.gates else {
      var (dg, dbetas) = (empty(shape.gate), empty(shape.token))
      for row in 0..<rows where problem.isLive(row: row) {
        dbetas.values[row] = dbeta[row].double
        for channel in 0..<width where passes[row * stride + channel] {
          dg.values[row * width + channel] = ddecay[row * stride + channel].double
        }
      }
      return .core(g: dg, beta: dbetas)
    }
    var (da, db) = (empty(shape.gate), empty(shape.token))
    var dA_log = [R](repeating: 0, count: shape.Hv)
    var ddt_bias = [R](repeating: 0, count: shape.Hv * width)
    for row in 0..<rows where problem.isLive(row: row) {
      let logit = R(b.values[row])
      db.values[row] = (dbeta[row] * (R.sigmoid(logit) * R.sigmoid(-logit))).double
      for channel in 0..<width where passes[row * stride + channel] {
        let gate = ModelGate<R>(problem.primals.gates, row: row, channel: channel, shape: shape)
        let dlambda = g[row * stride + channel] * ddecay[row * stride + channel]
        // Where g is 0 nothing passes, even if the model's exponent overflowed.
        guard dlambda != 0 else { continue }
        let dx = -(dlambda * gate.exponential) * R.sigmoid(gate.x)
        da.values[row * width + channel] = dx.double
        dA_log[row % shape.Hv] += dlambda * gate.lambda
        ddt_bias[row % shape.Hv * width + channel] += dx
      }
    }
    func filled(_ shape: [Int], _ values: [R]) -> Tensor {
      Tensor(shape: shape, precision: R.precision, values: values.map(\.double))
    }
    return .model(a: da, b: db, A_log: filled(shape.A_log, dA_log), dt_bias: filled(shape.dt_bias, ddt_bias))
  }
}
