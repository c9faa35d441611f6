import GatedDeltaRule

/// Bounds on the relative errors of the gates as an implementation has them.
///
/// At core level g and beta are inputs, exact. At model level
///
///     |error of lambda| <= u (6 |lambda| + |dlambda/dx| |x|)      exp, softplus, product; rounding of x
///     eps_g    = |error of lambda| + 2 u,   eps_beta = 4 u        one more exp; sigmoid
///
/// A bounded decay (see `GateTable`) is off by what rounding z = R x costs too, and by what an fp32 1 - sigmoid(z) in
/// the slopes does:
///
///     |error of lambda| <= 6 u (|lambda| + |dlambda/dA_log|)              exp, product, rounding of x; sigmoid, product
///     |error of dlambda/dx|     <= u ((8 + 6 |z|) |dlambda/dx| + 6 R |lambda|)
///     |error of dlambda/dA_log| <= u ((10 + 6 |z|) |dlambda/dA_log| + 6 |z lambda|)
///
/// A logarithm that is given is exact, but e^x may be 2^(x log2 e), whose argument is rounded: eps_g = 2 u (1 + |log g|).
///
/// The chunked form has exp(G_i - G_j) with G a running sum of log g inside the chunk: it adds 2 u |G| + 2 u.
/// A gate below `ErrorModel.tiny` may have been flushed to zero.
///
/// A gate that is declared to be rounded to a coarser format is rounded in the reference: what is left of its error is
/// 0, unless its own error takes it past a tie. With x the gate before it is rounded, known to an eps of the size above,
/// and of fp32's unit roundoff at least where it is no number of fp32,
///
///     eps = max | round(x (1 +- eps)) - round(x) | / |round(x)|
///
/// is 0 for nearly all gates and one spacing of the format for the others. If exp(-|b|) is rounded to a format of
/// roundoff s inside the sigmoid, eps_beta grows by s sigmoid(-b): d log sigmoid(b) = sigmoid(-b) d log e^(-|b|), up to
/// the sign.
///
/// Where properties turn one problem into another, a rounded gate need not turn into a rounded one. There the bound is
/// one on the distance from the rule without roundings, and pays for each of them: eps grows by the roundoff of the
/// format.
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
    let rule = Rule(problem)
    forEachLive(problem) { token in
      boundWrite(token, gates: gates, model: model, rule)
      for i in token * gates.width..<(token + 1) * gates.width {
        boundDecay(i, rate: isModel ? gates.rate[token % rule.heads] : 1, gates: gates, model: model, rule)
      }
    }
    if let chunk = model.chunk { addRunningSums(problem, gates: gates, model: model, chunk: chunk) }
  }

  /// What decides which of the formulas above is meant.
  private struct Rule {
    let heads: Int
    let isModel, isLog, isBounded: Bool
    /// What beta is times a sigmoid.
    let factor: Double

    init(_ problem: Problem) {
      (heads, isModel) = (problem.shape.Hv, problem.level == .model)
      (isLog, isBounded) = (problem.givesLogDecay, problem.leastLogDecay != nil)
      factor = problem.writeFactor
    }
  }

  private func boundWrite(_ token: Int, gates: GateTable, model: ErrorModel, _ rule: Rule) {
    let beta = gates.beta[token].magnitude
    if rule.isModel { write[token] = ofSigmoid(token, gates: gates, model: model, factor: rule.factor) }
    if model.paysForGates { write[token] += model.coarse(model.betaPrecision, beta) }
    if !gates.exactWrite.isEmpty {
      let exact = gates.exactWrite[token]
      write[token] = spread(beta, of: exact.magnitude, within: write[token], model.betaPrecision)
    }
    if rule.isModel && beta < ErrorModel.tiny { write[token] += 1 }
  }

  private func boundDecay(_ i: Int, rate: Double, gates: GateTable, model: ErrorModel, _ rule: Rule) {
    let ofLog = errorOfLog(i, rate: rate, gates: gates, model: model, rule)
    let throughExp = rule.isModel || rule.isLog || ofLog > 0 ? ofLog + 2 * model.u : 0
    let isFlushed = gates.g[i] < ErrorModel.tiny && gates.g[i] > 0
    var relative = throughExp + (isFlushed ? 1 : 0)
    if model.paysForGates { relative += model.coarse(model.decayPrecision, gates.g[i]) }
    if !gates.exactDecay.isEmpty {
      relative = spread(gates.g[i], of: gates.exactDecay[i], within: throughExp, model.decayPrecision)
      relative += isFlushed ? 1 : 0
    }
    decay[i] = relative.isNaN ? .infinity : relative
    if model.clamp != .none { clamp(i, gates: gates, model: model, ofLog: ofLog) }
  }

  /// |error of lambda|; and at model level what the chain rule multiplies by.
  private func errorOfLog(
    _ i: Int, rate: Double, gates: GateTable, model: ErrorModel, _ rule: Rule
  ) -> Double {
    let u = model.u
    guard rule.isModel else {
      // Where log g is given, exp may be 2 to the power of its product with log2 e, which is rounded.
      let isThroughLog = if case .logDecay = model.clamp { true } else { rule.isLog }
      guard isThroughLog else { return 0 }
      return 2 * u * min(max(gates.logDecay[i].magnitude, 1), 104)
    }
    let lambda = gates.logDecay[i].magnitude
    let product = gates.decaySlope[i].magnitude * gates.x[i].magnitude
    var ofLog = u * (6 * lambda + product)
    // e^-87 < tiny: there softplus and sigmoid of x may be flushed.
    var isFlushed = rate < ErrorModel.tiny || gates.x[i] < -86
    if rule.isBounded {
      ofLog = 6 * u * (lambda + product) + (rate < ErrorModel.tiny ? product : 0)
      isFlushed = rate * gates.x[i] < -86
    }
    logDecay[i] = ofLog + ErrorModel.eta + (isFlushed ? lambda : 0)
    return ofLog
  }

  /// 4 u, and what a coarser exponential inside costs.
  private func ofSigmoid(_ token: Int, gates: GateTable, model: ErrorModel, factor: Double) -> Double {
    guard model.ofSigmoid > 0, gates.beta[token] > 0 else { return 4 * model.u }
    let beta = gates.exactWrite.isEmpty ? gates.beta[token] : gates.exactWrite[token]
    let other = gates.writeSlope[token] / beta  // sigmoid(-b)
    let exponential = min(beta / factor, other) / max(beta / factor, other)
    return 4 * model.u + model.coarse(model.sigmoidPrecision, exponential) * other
  }

  /// How far what a gate is rounded to may be from what the reference makes of it, relative to that.
  private func spread(
    _ rounded: Double, of exact: Double, within error: Double, _ precision: Precision
  ) -> Double {
    let single = Precision.fp32
    let error = max(error, single.round(exact) == exact ? 0 : single.unitRoundoff)
    let ends = [precision.round(exact * (1 - error)), precision.round(exact * (1 + error))]
    let farthest = max((ends[0] - rounded).magnitude, (ends[1] - rounded).magnitude)
    return farthest == 0 ? 0 : farthest / rounded
  }

  /// Marks the neighbourhood of the floor; a gate held there has the floor's own rounding only, whichever of floor and
  /// declared rounding comes first.
  private func clamp(_ i: Int, gates: GateTable, model: ErrorModel, ofLog: Double) {
    let u = model.u
    switch model.clamp {
    case .none: return
    case .decay(let floor), .forwardDecay(let floor):
      let own = decay[i] + (gates.exactDecay.isEmpty ? 0 : model.coarse(model.decayPrecision, floor))
      kinked[i] = (gates.unclamped[i] - floor).magnitude <= (own + 4 * u) * floor
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
