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
    return (rounded(result, precision), passes)
  }

  /// The same from lambda; a floor under lambda is set there, since exp and back would move the kink.
  func apply<R: Real>(toLogDecay lambda: R, precision: Precision) -> (g: R, passes: Bool) {
    guard case .logDecay(let floor) = clamp else {
      return apply(toDecay: R.exp(lambda), precision: precision)
    }
    let passes = !(lambda < R(floor))
    return (rounded(R.exp(passes ? lambda : R(floor)), precision), passes)
  }

  private func rounded<R: Real>(_ g: R, _ precision: Precision) -> R {
    roundsDecay ? R(precision.round(g.double)) : g
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
    switch problem.primals.gates {
    case .core(let g, let beta):
      for row in 0..<rows where problem.isLive(row: row) {
        self.beta[row] = R(beta.values[row])
        for channel in 0..<width {
          let i = row * stride + channel
          (self.g[i], passes[i]) = rule.apply(
            toDecay: R(g.values[row * width + channel]), precision: g.precision)
        }
      }
    case .model(let a, let b, let A_log, let dt_bias):
      let gates = ModelGates<R>(a: a, A_log: A_log, dt_bias: dt_bias, shape: shape)
      for row in 0..<rows where problem.isLive(row: row) {
        beta[row] = R.sigmoid(R(b.values[row]))
        for channel in 0..<width {
          let i = row * stride + channel
          (g[i], passes[i]) = rule.apply(
            toLogDecay: gates.lambda(gates.x(row, channel), row), precision: a.precision)
        }
      }
    }
  }
}

/// The gates' inputs at model level, [B, T, Hv] rows of a by channels.
struct ModelGates<R: Real> {
  private let a: [Double]
  private let dt_bias: [Double]
  private let heads: Int
  private let width: Int
  /// exp(A_log), [Hv].
  private let rates: [R]

  init(a: Tensor, A_log: Tensor, dt_bias: Tensor, shape: Shape) {
    (self.a, self.dt_bias) = (a.values, dt_bias.values)
    (heads, width) = (shape.Hv, shape.decayWidth)
    rates = A_log.values.map { R.exp(R($0)) }
  }

  /// a + dt_bias.
  @inline(__always) func x(_ row: Int, _ channel: Int) -> R {
    R(a[row * width + channel]) + R(dt_bias[row % heads * width + channel])
  }

  /// exp(A_log) of the row's head.
  @inline(__always) func rate(_ row: Int) -> R { rates[row % heads] }

  /// The logarithm of the decay.
  @inline(__always) func lambda(_ x: R, _ row: Int) -> R { -(rate(row) * R.softplus(x)) }
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
    guard case .model(let a, let b, let A_log, let dt_bias) = problem.primals.gates else {
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
    let gates = ModelGates<R>(a: a, A_log: A_log, dt_bias: dt_bias, shape: shape)
    for row in 0..<rows where problem.isLive(row: row) {
      let logit = R(b.values[row])
      db.values[row] = (dbeta[row] * (R.sigmoid(logit) * R.sigmoid(-logit))).double
      for channel in 0..<width where passes[row * stride + channel] {
        let dlambda = g[row * stride + channel] * ddecay[row * stride + channel]
        // Where g is 0 nothing passes, even if the model's exponent overflowed.
        guard dlambda != 0 else { continue }
        let x = gates.x(row, channel)
        let dx = -(dlambda * gates.rate(row)) * R.sigmoid(x)
        da.values[row * width + channel] = dx.double
        dA_log[row % shape.Hv] += dlambda * gates.lambda(x, row)
        ddt_bias[row % shape.Hv * width + channel] += dx
      }
    }
    func filled(_ shape: [Int], _ values: [R]) -> Tensor {
      Tensor(shape: shape, precision: R.precision, values: values.map(\.double))
    }
    return .model(a: da, b: db, A_log: filled(shape.A_log, dA_log), dt_bias: filled(shape.dt_bias, ddt_bias))
  }
}
