import GatedDeltaRule

/// Decay and write strength of every live token, and how they depend on what the problem gives.
///
///     x = a + dt_bias;  lambda = -exp(A_log) softplus(x);  g = exp(lambda);  beta = sigmoid(b)
///     dlambda/dx = -exp(A_log) sigmoid(x);  dlambda/dA_log = lambda;  dbeta/db = sigmoid(b) sigmoid(-b)
///
/// or, where the contract bounds the decay, with R = exp(A_log), or 1 where there is none, and z = R x,
///
///     lambda = L sigmoid(z);  dlambda/dx = L R sigmoid(z) sigmoid(-z);  dlambda/dA_log = x dlambda/dx
///
/// beta and its slope are doubled where it doubles the sigmoid, and at core level lambda is given where it gives that.
///
/// Entries of masked tokens are zero and were never computed: whatever the problem holds there is inert.
/// beta (1 - beta) is not used for dbeta/db: from beta = 1 - 2^-53 on it would be zero.
package final class GateTable {
  package typealias Numbers = UnsafeMutableBufferPointer<Double>

  /// Decay factors per token and head: 1, or Dk.
  package let width: Int
  /// The decay that acts, after the clamp and rounded as declared.
  package let g: Numbers  // [B, T, Hv, width]
  /// The write strength, rounded as declared.
  package let beta: Numbers  // [B, T, Hv]
  /// Decay and write strength before they are rounded. Empty where they are not.
  package let exactDecay: Numbers, exactWrite: Numbers  // [B, T, Hv, width], [B, T, Hv]
  /// The decay before the clamp. Empty without one.
  package let unclamped: Numbers  // [B, T, Hv, width]
  /// Where the clamp holds the decay, so that its gradient is zero. Empty without a clamp.
  ///
  /// Written in the initialiser alone: a check of exclusive access at each element would cost as much as the element.
  @exclusivity(unchecked)
  package private(set) var frozen: [Bool] = []  // [B, T, Hv, width]
  /// log g before the clamp. At core level only where it is given, or with a clamp on log g.
  package let logDecay: Numbers  // [B, T, Hv, width]
  /// a + dt_bias; empty at core level, as are the slopes.
  package let x: Numbers  // [B, T, Hv, width]
  /// dlambda/dx.
  package let decaySlope: Numbers  // [B, T, Hv, width]
  /// dbeta/db.
  package let writeSlope: Numbers  // [B, T, Hv]
  /// exp(A_log), or 1 where there is none.
  package let rate: Numbers  // [Hv]
  /// What it owns; nothing where the numbers are another table's.
  private let owned: Numbers

  /// As the rule has them, but for a floor.
  package convenience init(
    _ problem: Problem, clamp: Declaration.Clamp, softplus: Softplus = .exact
  ) {
    self.init(problem, DeclaredGates(clamp: clamp), softplus: softplus)
  }

  package init(_ problem: Problem, _ declared: DeclaredGates, softplus: Softplus = .exact) {
    let clamp = declared.clamp
    let shape = problem.shape
    let tokens = shape.B * shape.T * shape.Hv
    width = shape.decayWidth
    let isModel = problem.level == .model
    let decays = tokens * width
    var takesLog = isModel || problem.givesLogDecay
    if case .logDecay = clamp { takesLog = true }
    let ofClamp = clamp == .none ? 0 : decays
    let ofLog = takesLog ? decays : 0
    let ofModel = isModel ? 2 * decays + tokens + shape.Hv : 0
    let ofRounding = (declared.decay.isCoarse ? decays : 0) + (declared.beta.isCoarse ? tokens : 0)
    let memory = Numbers.allocate(capacity: decays + tokens + ofClamp + ofLog + ofModel + ofRounding)
    memory.initialize(repeating: 0)
    owned = memory
    var next = 0
    func take(_ count: Int, of memory: Numbers) -> Numbers {
      defer { next += count }
      return Numbers(rebasing: memory[next..<next + count])
    }
    (g, beta) = (take(decays, of: memory), take(tokens, of: memory))
    (unclamped, logDecay) = (take(ofClamp, of: memory), take(ofLog, of: memory))
    (x, decaySlope) = (take(isModel ? decays : 0, of: memory), take(isModel ? decays : 0, of: memory))
    (writeSlope, rate) = (take(isModel ? tokens : 0, of: memory), take(isModel ? shape.Hv : 0, of: memory))
    exactDecay = take(declared.decay.isCoarse ? decays : 0, of: memory)
    exactWrite = take(declared.beta.isCoarse ? tokens : 0, of: memory)
    switch problem.primals.gates {
    case .core(let g, let beta):
      fill(g: g.values, beta: beta.values, problem, isLog: problem.givesLogDecay)
    case .model(let a, let b, let A_log, let dt_bias):
      let hasRate = problem.contract.hasRate
      for (h, value) in A_log.values.enumerated() { rate[h] = hasRate ? Double.exp(value) : 1 }
      fill(a: a.values, b: b.values, dt_bias: dt_bias.values, problem, softplus)
    }
    apply(clamp, problem)
    round(declared)
  }

  /// Another table's numbers, as long as that one lives.
  init(_ memory: Measurement.Gates) {
    let numbers = memory.numbers
    (width, frozen) = (memory.width, memory.frozen)
    (g, beta, unclamped, logDecay) = (numbers[0], numbers[1], numbers[2], numbers[3])
    (x, decaySlope, writeSlope, rate) = (numbers[4], numbers[5], numbers[6], numbers[7])
    (exactDecay, exactWrite) = (numbers[8], numbers[9])
    owned = Numbers(start: nil, count: 0)
  }

  /// What it holds, for a table that borrows it.
  package var memory: Measurement.Gates {
    (
      width, [g, beta, unclamped, logDecay, x, decaySlope, writeSlope, rate, exactDecay, exactWrite], frozen
    )
  }

  deinit { owned.deallocate() }

  private func fill(g given: [Double], beta strength: [Double], _ problem: Problem, isLog: Bool) {
    forEachLive(problem) { token in
      beta[token] = strength[token]
      for i in token * width..<(token + 1) * width {
        g[i] = isLog ? Double.exp(given[i]) : given[i]
        if !logDecay.isEmpty { logDecay[i] = isLog ? given[i] : Double.log(given[i]) }
      }
    }
  }

  private func fill(
    a: [Double], b: [Double], dt_bias: [Double], _ problem: Problem, _ softplus: Softplus
  ) {
    let heads = problem.shape.Hv
    let (factor, least) = (problem.writeFactor, problem.leastLogDecay)
    forEachLive(problem) { token in
      let h = token % heads
      let rate = rate[h]
      beta[token] = factor * Double.sigmoid(b[token])
      writeSlope[token] = beta[token] * Double.sigmoid(-b[token])
      for j in 0..<width {
        let i = token * width + j
        let sum = a[i] + dt_bias[h * width + j]
        x[i] = sum
        if let least {
          let z = rate * sum
          logDecay[i] = least * Double.sigmoid(z)
          decaySlope[i] = logDecay[i] * Double.sigmoid(-z) * rate
        } else {
          let isLinear = sum > softplus.threshold
          logDecay[i] = -rate * (isLinear ? sum : Double.softplus(sum))
          decaySlope[i] = -rate * (isLinear && softplus.isSlopeOne ? 1 : Double.sigmoid(sum))
        }
        g[i] = Double.exp(logDecay[i])
      }
    }
  }

  /// Raises the decay to the floor and marks where it was held.
  private func apply(_ clamp: Declaration.Clamp, _ problem: Problem) {
    guard clamp != .none else { return }
    var frozen = [Bool](repeating: false, count: g.count)
    _ = unclamped.update(fromContentsOf: g)
    forEachLive(problem) { token in
      for i in token * width..<(token + 1) * width {
        switch clamp {
        case .none: break
        case .decay(let floor), .forwardDecay(let floor):
          frozen[i] = g[i] <= floor
          if frozen[i] { g[i] = floor }
        case .logDecay(let floor):
          frozen[i] = logDecay[i] < floor
          if frozen[i] { g[i] = Double.exp(floor) }
        }
      }
    }
    self.frozen = frozen
  }

  /// Rounds what is declared to be rounded, and keeps what it was.
  private func round(_ declared: DeclaredGates) {
    if declared.decay.isCoarse {
      _ = exactDecay.update(fromContentsOf: g)
      for i in g.indices { g[i] = declared.decay.round(g[i]) }
    }
    if declared.beta.isCoarse {
      _ = exactWrite.update(fromContentsOf: beta)
      for i in beta.indices { beta[i] = declared.beta.round(beta[i]) }
    }
  }
}

/// Calls `body` with b, t, h as one index into [B, T, Hv], for live tokens only.
@inlinable package func forEachLive(_ problem: Problem, _ body: (_ token: Int) -> Void) {
  let (shape, live) = (problem.shape, problem.mask?.live)
  let Hv = shape.Hv
  for row in 0..<shape.B * shape.T {
    if let live, !live[row] { continue }
    for token in row * Hv..<(row + 1) * Hv { body(token) }
  }
}

extension GateTable {
  /// Whether any decay comes within a factor of two of the floor. A floor under log g at core level always does:
  /// there the way through the logarithm rounds.
  package func reaches(_ clamp: Declaration.Clamp, _ problem: Problem) -> Bool {
    if case .logDecay = clamp, problem.level == .core { return true }
    return comesNear(clamp, problem)
  }

  /// Whether any decay comes within a factor of two of the floor.
  package func comesNear(_ clamp: Declaration.Clamp, _ problem: Problem) -> Bool {
    let floor: Double
    switch clamp {
    case .none: return false
    case .decay(let value), .forwardDecay(let value): floor = value
    case .logDecay(let value): floor = Double.exp(value)
    }
    var isReached = false
    forEachLive(problem) { token in
      for i in token * width..<(token + 1) * width where !(g[i] > 2 * floor) { isReached = true }
    }
    return isReached
  }
}
