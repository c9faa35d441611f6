import GatedDeltaRule

/// Decay and write strength of every live token, and how they depend on what the problem gives.
///
///     x = a + dt_bias;  lambda = -exp(A_log) softplus(x);  g = exp(lambda);  beta = sigmoid(b)
///     dlambda/dx = -exp(A_log) sigmoid(x);  dlambda/dA_log = lambda;  dbeta/db = sigmoid(b) sigmoid(-b)
///
/// Entries of masked tokens are zero and were never computed: whatever the problem holds there is inert.
/// beta (1 - beta) is not used for dbeta/db: from beta = 1 - 2^-53 on it would be zero.
struct GateTable {
  /// Decay factors per token and head: 1, or Dk.
  let width: Int
  /// The decay that acts, after the clamp.
  var g: [Double]  // [B, T, Hv, width]
  /// The write strength.
  var beta: [Double]  // [B, T, Hv]
  /// The decay before the clamp. Empty without one.
  var unclamped: [Double]  // [B, T, Hv, width]
  /// Where the clamp holds the decay, so that its gradient is zero. Empty without a clamp.
  var frozen: [Bool]  // [B, T, Hv, width]
  /// log g before the clamp. At core level only with a clamp on log g.
  var logDecay: [Double]  // [B, T, Hv, width]
  /// a + dt_bias; empty at core level, as are the slopes.
  var x: [Double]  // [B, T, Hv, width]
  /// dlambda/dx.
  var decaySlope: [Double]  // [B, T, Hv, width]
  /// dbeta/db.
  var writeSlope: [Double]  // [B, T, Hv]
  /// exp(A_log).
  var rate: [Double]  // [Hv]

  init(_ problem: Problem, clamp: Declaration.Clamp) {
    let shape = problem.shape
    let tokens = shape.B * shape.T * shape.Hv
    width = shape.decayWidth
    let zeros = [Double](repeating: 0, count: tokens * width)
    let none: [Double] = []
    switch problem.primals.gates {
    case .core(let g, let beta):
      (self.g, self.beta) = (zeros, none)
      (logDecay, x, decaySlope, writeSlope, rate) = (none, none, none, none, none)
      (frozen, unclamped) = ([], none)
      self.beta = [Double](repeating: 0, count: tokens)
      if case .logDecay = clamp { logDecay = zeros }
      forEachLive(problem) { token in
        self.beta[token] = beta.values[token]
        for i in token * width..<(token + 1) * width {
          self.g[i] = g.values[i]
          if !logDecay.isEmpty { logDecay[i] = Double.log(g.values[i]) }
        }
      }
    case .model(let a, let b, let A_log, let dt_bias):
      (g, logDecay, x, decaySlope) = (zeros, zeros, zeros, zeros)
      beta = [Double](repeating: 0, count: tokens)
      writeSlope = beta
      (frozen, unclamped) = ([], none)
      rate = A_log.values.map(Double.exp)
      forEachLive(problem) { token in
        let h = token % shape.Hv
        beta[token] = Double.sigmoid(b.values[token])
        writeSlope[token] = beta[token] * Double.sigmoid(-b.values[token])
        for j in 0..<width {
          let i = token * width + j
          x[i] = a.values[i] + dt_bias.values[h * width + j]
          logDecay[i] = -rate[h] * Double.softplus(x[i])
          decaySlope[i] = -rate[h] * Double.sigmoid(x[i])
          g[i] = Double.exp(logDecay[i])
        }
      }
    }
    apply(clamp, problem)
  }

  /// Raises the decay to the floor and marks where it was held.
  private mutating func apply(_ clamp: Declaration.Clamp, _ problem: Problem) {
    guard clamp != .none else { return }
    frozen = [Bool](repeating: false, count: g.count)
    unclamped = g
    forEachLive(problem) { token in
      for i in token * width..<(token + 1) * width {
        switch clamp {
        case .none: break
        case .decay(let floor):
          frozen[i] = g[i] <= floor
          if frozen[i] { g[i] = floor }
        case .logDecay(let floor):
          frozen[i] = logDecay[i] < floor
          if frozen[i] { g[i] = Double.exp(floor) }
        }
      }
    }
  }
}

/// Calls `body` with b, t, h as one index into [B, T, Hv], for live tokens only.
func forEachLive(_ problem: Problem, _ body: (_ token: Int) -> Void) {
  let Hv = problem.shape.Hv
  for row in 0..<problem.shape.B * problem.shape.T {
    if let mask = problem.mask, !mask.live[row] { continue }
    for token in row * Hv..<(row + 1) * Hv { body(token) }
  }
}

extension GateTable {
  /// Whether any decay comes within a factor of two of the floor. A floor under log g at core level always does:
  /// there the way through the logarithm rounds.
  func reaches(_ clamp: Declaration.Clamp, _ problem: Problem) -> Bool {
    let floor: Double
    switch clamp {
    case .none: return false
    case .decay(let value): floor = value
    case .logDecay(let value):
      if problem.level == .core { return true }
      floor = Double.exp(value)
    }
    var isReached = false
    forEachLive(problem) { token in
      for i in token * width..<(token + 1) * width where !(g[i] > 2 * floor) { isReached = true }
    }
    return isReached
  }
}
