import GatedDeltaRule

/// The gates of one problem and their gradients.
///
///     x = a + dt_bias;  lambda = -exp(A_log) softplus(x);  g = exp(lambda);  beta = sigmoid(b)
///     dlambda = g dg;   da = -dlambda exp(A_log) sigmoid(x);   db = dbeta sigmoid(b) sigmoid(-b)
///     dA_log = sum dlambda lambda;   ddt_bias = sum da
struct GateRule<R: Scalar> {
  private let problem: Problem
  private let shape: Shape
  private let fault: Fault?
  /// The floor under g; 0 for none.
  private let floor: R

  init(_ problem: Problem, floor clamp: Declaration.Clamp, _ fault: Fault?) {
    (self.problem, shape, self.fault) = (problem, problem.shape, fault)
    if case .decay(let floor) = clamp { self.floor = R(floor) } else { floor = 0 }
  }

  /// g [B, T, Hv, decayWidth] and beta [B, T, Hv] of the tokens that are open; 1 and 0 of the others.
  func apply(open: [Bool]) -> (g: [R], beta: [R]) {
    let W = shape.decayWidth
    var g = [R](repeating: 1, count: open.count * shape.Hv * W)
    var beta = [R](repeating: 0, count: open.count * shape.Hv)
    for token in open.indices {
      for row in token * shape.Hv..<(token + 1) * shape.Hv {
        if open[token] { beta[row] = writeStrength(row) }
        if fault == .maskMultiplies && !open[token] { beta[row] = writeStrength(row) * 0 }
        guard open[token] || fault == .maskKeepsDecay else { continue }
        for c in 0..<W { g[row * W + c] = decay(row, c) }
      }
    }
    return (g, beta)
  }

  // MARK: forward

  private func writeStrength(_ row: Int) -> R {
    let raw = element(.write, writeRow(row))
    var beta = raw
    if case .model = problem.primals.gates, fault != .rawWriteTakenForBeta { beta = R.sigmoid(raw) }
    switch fault {
    case .betaBF16: beta = beta.rounded(to: .bf16)
    case .betaLarge: beta *= 1 + 1e-5
    default: break
    }
    return beta
  }

  /// Where beta of a row is read.
  private func writeRow(_ row: Int) -> Int {
    let (b, t, h) = (row / shape.Hv / shape.T, row / shape.Hv % shape.T, row % shape.Hv)
    switch fault {
    case .betaByKeyHead: return row - h + h / shape.groupSize
    case .betaHeadFirst: return (b * shape.Hv + h) * shape.T + t
    default: return row
    }
  }

  private func decay(_ row: Int, _ c: Int) -> R {
    let row = fault == .gateOfFirstHead ? row - row % shape.Hv : row
    var g: R
    switch problem.primals.gates {
    case .core: g = element(.decay, row * shape.decayWidth + c)
    case .model:
      g = R.exp(gate(row, c).lambda)
      if fault == .exponentialFast { g *= 1 + 1e-4 }
    }
    switch fault {
    case .logOfDecay: return R.log(g)
    case .decayBF16: g = g.rounded(to: .bf16)
    case .decayShifted: g += 1e-6
    case .logDecayFloor: g = max(g, R.exp(-20))
    case .logOfUnderflow: return g
    default: break
    }
    return g < floor ? floor : g
  }

  private enum Column { case decay, write }

  /// An element of a and b, or of g and beta.
  private func element(_ column: Column, _ index: Int) -> R {
    let (decay, write): (Tensor, Tensor)
    switch problem.primals.gates {
    case .core(let g, let beta): (decay, write) = (g, beta)
    case .model(let a, let b, _, _): (decay, write) = (a, b)
    }
    if fault == .viewTakenForContiguous, shape.decayKind == .scalar {
      // Both are columns of one array, of which the kernel reads the first half as if it were one of them.
      let place = column == .decay ? index : index + decay.values.count
      return R(place % 2 == 0 ? decay.values[place / 2] : write.values[place / 2])
    }
    return R(column == .decay ? decay.values[index] : write.values[index])
  }

  // MARK: the model's gate

  private struct Gate {
    let x, rate, softplus, lambda: R
  }

  private func gate(_ row: Int, _ c: Int) -> Gate {
    guard case .model(_, _, let A_log, let dt_bias) = problem.primals.gates else {
      preconditionFailure("the gates are the recurrence's own")
    }
    let (h, W) = (row % shape.Hv, shape.decayWidth)
    let a = element(.decay, row * W + c)
    let bias = R(dt_bias.values[h * W + c])
    let x = a + bias
    let softplus: R =
      switch fault {
      case .biasAfterSoftplus: R.softplus(a) + bias
      case .softplusOverflows: R.log(1 + R.exp(x))
      case .softplusFlat: x < -5 ? 0 : R.softplus(x)
      case .softplusOffInOctave where 0.5 <= x && x < 1: R.softplus(x) * (1 + 0x1p-17)  // 64 ulp of fp32
      default: R.softplus(x)
      }
    var rate = R.exp(R(A_log.values[fault == .rateByKeyHead ? h / shape.groupSize : h]))
    if fault == .rateExponentiatedTwice { rate = R.exp(rate) }
    return Gate(x: x, rate: rate, softplus: softplus, lambda: -(rate * softplus))
  }

  // MARK: backward

  /// Whether a gradient passes through g.
  private func passes(_ row: Int, _ c: Int) -> Bool {
    if case .model = problem.primals.gates, fault == .logDecayFloor { return gate(row, c).lambda >= -20 }
    return floor == 0 || fault == .logOfUnderflow || decay(row, c) > floor
  }

  /// Whether the token of a row is real and its decay differentiable.
  private func isOpen(_ row: Int) -> Bool { problem.mask?.live[row / shape.Hv] ?? true }

  /// The gradients of the gates' inputs from those of g and beta.
  func gradients(dg: [R], dbeta: [R], _ tensor: ([Int], [R]) -> Tensor) -> Gates {
    let W = shape.decayWidth
    guard case .model = problem.primals.gates else {
      let held = dg.indices.map { i in
        isOpen(i / W) && !passes(i / W, i % W) ? 0 : dg[i]
      }
      return .core(g: tensor(shape.gate, held), beta: tensor(shape.token, dbeta))
    }
    var (da, db) = ([R](repeating: 0, count: dg.count), [R](repeating: 0, count: dbeta.count))
    var dA_log = [R](repeating: 0, count: shape.Hv)
    var ddt_bias = [R](repeating: 0, count: shape.Hv * W)
    for row in dbeta.indices where isOpen(row) {
      db[row] = dbeta[row] * writeSlope(row)
      let h = row % shape.Hv
      for c in 0..<W where passes(row, c) {
        let gate = gate(row, c)
        let dlambda = decay(row, c) * dg[row * W + c]
        // A saturated gate passes nothing, even where the rate overflows.
        guard dlambda != 0 else { continue }
        let dx = -(dlambda * gate.rate) * slope(gate.x)
        da[row * W + c] = dx
        let isLast = (row / shape.Hv + 1) % shape.T == 0
        if !(fault == .rateGradientMissesToken && isLast) {
          dA_log[h] += dlambda * (fault == .rateGradientWithoutRate ? -gate.softplus : gate.lambda)
        }
        let isCounted = fault != .biasGradientOfLastRow || row / shape.Hv / shape.T == shape.B - 1
        if isCounted { ddt_bias[h * W + c] += dx }
      }
    }
    return .model(
      a: tensor(shape.gate, da), b: tensor(shape.token, db), A_log: tensor(shape.A_log, dA_log),
      dt_bias: tensor(shape.dt_bias, ddt_bias))
  }

  /// d softplus / dx.
  private func slope(_ x: R) -> R { fault == .softplusSlopeCollapses && x > 88 ? 0 : R.sigmoid(x) }

  /// d beta / db.
  private func writeSlope(_ row: Int) -> R {
    let b = element(.write, row)
    switch fault {
    case .writeGradientWithoutSlope: return R.sigmoid(b)
    case .writeSlopeHalf: return R.sigmoid(b).rounded(to: .fp16) * R.sigmoid(-b).rounded(to: .fp16)
    default: return R.sigmoid(b) * R.sigmoid(-b)
    }
  }
}
