import GatedDeltaRule

/// Bounds on the relative errors of the gates as an implementation has them.
///
/// At core level g and beta are inputs, exact unless a coarser rounding is declared. At model level
///
///     |error of lambda| <= u (6 |lambda| + |dlambda/dx| |x|)      exp, softplus, product; rounding of x
///     eps_g    = |error of lambda| + 2 u,   eps_beta = 4 u        one more exp; sigmoid
///
/// The chunked form has exp(G_i - G_j) with G a running sum of log g inside the chunk: it adds 2 u |G| + 2 u.
/// A gate below `ErrorModel.tiny` may have been flushed to zero.
final class GateErrors {
  /// Of g.
  let decay: GateTable.Numbers  // [B, T, Hv, width]
  /// Of beta.
  let write: GateTable.Numbers  // [B, T, Hv]
  /// Absolute, of log g as the chain rule multiplies by it; empty at core level.
  let logDecay: GateTable.Numbers  // [B, T, Hv, width]
  /// Where g is so near the floor of the clamp that its gradient may honestly be taken on either side.
  /// Empty without a clamp.
  ///
  /// Written in the initialiser alone, so that reading an element needs no check of exclusive access.
  @exclusivity(unchecked)
  private(set) var kinked: [Bool] = []  // [B, T, Hv, width]
  private let memory: GateTable.Numbers

  /// For a sweep that bounds nothing.
  static var none: GateErrors { GateErrors(decays: 0, tokens: 0, logs: 0) }

  private init(decays: Int, tokens: Int, logs: Int) {
    memory = .allocate(capacity: decays + tokens + logs)
    memory.initialize(repeating: 0)
    decay = GateTable.Numbers(rebasing: memory[..<decays])
    write = GateTable.Numbers(rebasing: memory[decays..<decays + tokens])
    logDecay = GateTable.Numbers(rebasing: memory[(decays + tokens)...])
  }

  deinit { memory.deallocate() }

  convenience init(_ problem: Problem, gates: GateTable, model: ErrorModel) {
    let isModel = problem.level == .model
    self.init(decays: gates.g.count, tokens: gates.beta.count, logs: isModel ? gates.g.count : 0)
    if model.clamp != .none { kinked = [Bool](repeating: false, count: gates.g.count) }
    let u = model.u
    let heads = problem.shape.Hv
    forEachLive(problem) { token in
      let beta = gates.beta[token].magnitude
      write[token] = model.coarse(model.betaPrecision, beta)
      if isModel { write[token] += 4 * u + (beta < ErrorModel.tiny ? 1 : 0) }
      for i in token * gates.width..<(token + 1) * gates.width {
        var ofLog = 0.0
        if isModel {
          let rate = gates.rate[token % heads]
          let lambda = gates.logDecay[i].magnitude
          ofLog = u * (6 * lambda + gates.decaySlope[i].magnitude * gates.x[i].magnitude)
          // e^-87 < tiny: there softplus and sigmoid of x may be flushed.
          let isFlushed = rate < ErrorModel.tiny || gates.x[i] < -86
          logDecay[i] = ofLog + ErrorModel.eta + (isFlushed ? lambda : 0)
        } else if case .logDecay = model.clamp {
          ofLog = 2 * u * min(max(gates.logDecay[i].magnitude, 1), 104)
        }
        let throughExp = isModel || ofLog > 0 ? ofLog + 2 * u : 0
        let isFlushed = gates.g[i] < ErrorModel.tiny && gates.g[i] > 0
        let relative = throughExp + model.coarse(model.decayPrecision, gates.g[i]) + (isFlushed ? 1 : 0)
        decay[i] = relative.isNaN ? .infinity : relative
        if model.clamp != .none { clamp(i, gates: gates, model: model, ofLog: ofLog) }
      }
    }
    if let chunk = model.chunk { addRunningSums(problem, gates: gates, model: model, chunk: chunk) }
  }

  /// Marks the neighbourhood of the floor; a gate held there has the floor's own rounding only.
  private func clamp(_ i: Int, gates: GateTable, model: ErrorModel, ofLog: Double) {
    let u = model.u
    switch model.clamp {
    case .none: return
    case .decay(let floor):
      kinked[i] = (gates.unclamped[i] - floor).magnitude <= (decay[i] + 4 * u) * floor
      if gates.frozen[i] { decay[i] = 2 * u + model.coarse(model.decayPrecision, floor) }
    case .logDecay(let floor):
      kinked[i] = (gates.logDecay[i] - floor).magnitude <= ofLog + 2 * u * floor.magnitude
      if gates.frozen[i] {
        decay[i] = u * (2 * floor.magnitude + 2) + model.coarse(model.decayPrecision, gates.g[i])
      }
    }
  }

  /// 2 u |G| + 2 u, G up to and including the token, from the start of its chunk.
  private func addRunningSums(_ problem: Problem, gates: GateTable, model: ErrorModel, chunk: Int) {
    let shape = problem.shape
    let lanes = shape.Hv * gates.width
    var sum = [Double](repeating: 0, count: lanes)
    for b in 0..<shape.B {
      for t in 0..<shape.T {
        if t % chunk == 0 { for lane in 0..<lanes { sum[lane] = 0 } }
        guard problem.isLive(b, t) else { continue }
        for lane in 0..<lanes {
          let i = (b * shape.T + t) * lanes + lane
          sum[lane] += logOfActing(gates, i, model.clamp).magnitude
          decay[i] += 2 * model.u * (sum[lane] + 1)
        }
      }
    }
  }

  /// log of the decay that acts. Exactly 0 stands for the smallest fp32: what any logarithm of it must keep.
  private func logOfActing(_ gates: GateTable, _ i: Int, _ clamp: Declaration.Clamp) -> Double {
    let isHeld = !gates.frozen.isEmpty && gates.frozen[i]
    if !gates.logDecay.isEmpty && !isHeld { return max(gates.logDecay[i], -Double.greatestFiniteMagnitude) }
    return Double.log(max(gates.g[i], 0x1p-150))
  }
}
