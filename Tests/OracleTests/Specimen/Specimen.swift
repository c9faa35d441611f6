import GatedDeltaRule

/// A sequential implementation for testing the oracle: honest, or with one planted fault.
struct Specimen: Implementation {
  enum Fault: String, CaseIterable {
    case betaOff = "beta (1 + 1e-5)"
    case decayOff = "g + 1e-6"
    case decayGradientAfter = "dg from the state after the token"
    case betaGradientUndecayed = "dbeta with the undecayed state"
    case droppedToken = "one token dropped"
    case coarseState = "bf16 state at boundaries of 8 tokens"
    case coarseStateAlways = "bf16 state at every token"
    case maskDecays = "a masked token still decays"
    case maskLeaks = "a gradient at masked tokens"
    case groupMissesHead = "the group sum misses a head"
    case groupInterleaved = "value head h reads key head h % Hk"
    case keyGradientHalf = "dk without its -beta h d term"
    case stateGradientUndecayed = "the state gradient without the last decay"
    case coarseExp = "exp off by 1e-4"
    case readBeforeWrite = "y from the state before the write"
    case transposedState = "the initial state transposed"
    case oldCotangentIgnored = "the cotangent of the final state ignored"
    case tensorCores = "keys rounded to 10 bits in S k"
  }

  var single = Arithmetic(isSingle: true)
  var fault: Fault?
  var declaration = Declaration()
  /// dk and dbeta from (beta D') k and (D' w) rather than from h: another honest grouping.
  var regroups = false
  /// Rounds gates to the declared formats.
  var name: String {
    fault?.rawValue ?? "honest \(single.order) \(single.isFused) \(single.flushes) \(regroups)"
  }
  var summary: String { "a specimen" }

  func refusal(of problem: Problem) -> String? { nil }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    var arithmetic = single
    if request.arithmetic == .double { arithmetic.isSingle = false }
    var run = SpecimenRun(self, problem, arithmetic)
    return run.evaluate()
  }
}

/// One evaluation of a specimen: all states are kept.
struct SpecimenRun {
  let specimen: Specimen
  let problem: Problem
  let shape: Shape
  let ops: Arithmetic
  let fault: Specimen.Fault?
  var results: [Quantity: [Double]] = [:]
  var g: [Double] = []
  var lambda: [Double] = []
  var beta: [Double] = []

  init(_ specimen: Specimen, _ problem: Problem, _ ops: Arithmetic) {
    (self.specimen, self.problem, self.ops, fault) = (specimen, problem, ops, specimen.fault)
    shape = problem.shape
    for quantity in Quantity.all(at: problem.level) + [.dg, .dbeta] {
      results[quantity] = [Double](repeating: 0, count: quantity.shape(in: shape).reduce(1, *))
    }
  }

  mutating func evaluate() -> Evaluation {
    gates()
    for b in 0..<shape.B { for h in 0..<shape.Hv { head(b, h) } }
    if problem.level == .model { chain() }
    var tensors: [Quantity: Tensor] = [:]
    for quantity in Quantity.all(at: problem.level) {
      tensors[quantity] = Tensor(
        shape: quantity.shape(in: shape), precision: ops.isSingle ? .fp32 : .fp64, values: results[quantity]!)
    }
    return Evaluation(results: tensors)
  }

  private func isLive(_ b: Int, _ t: Int) -> Bool {
    if fault == .droppedToken && t == shape.T / 2 { return false }
    return problem.isLive(b, t)
  }

  private mutating func gates() {
    let W = shape.decayWidth
    switch problem.primals.gates {
    case .core(let g, let beta): (self.g, self.beta) = (g.values, beta.values)
    case .model(let a, let b, let A_log, let bias):
      beta = b.values.map(ops.sigmoid)
      lambda = a.values.indices.map { i in
        let h = i / W % shape.Hv
        let x = ops.add(a.values[i], bias.values[h * W + i % W])
        return -ops.mul(ops.exp(A_log.values[h]), ops.softplus(x))
      }
      g = lambda.map { ops.mul(ops.exp($0), fault == .coarseExp ? 1.0001 : 1) }
    }
    let declaration = specimen.declaration
    switch declaration.clamp {
    case .none: break
    case .decay(let floor), .forwardDecay(let floor): g = g.map { max($0, floor) }
    case .logDecay(let floor): g = g.map { ops.log($0) < floor ? ops.exp(floor) : $0 }
    }
    if declaration.decayPrecision != .fp32 { g = g.map(declaration.decayPrecision.round) }
    if declaration.betaPrecision != .fp32 { beta = beta.map(declaration.betaPrecision.round) }
    if fault == .betaOff { beta = beta.map { ops.mul($0, 1.00001) } }
    if fault == .decayOff { g = g.map { ops.add($0, 1e-6) } }
  }

  private func isHeld(_ i: Int) -> Bool {
    switch specimen.declaration.clamp {
    case .none: false
    case .decay(let floor), .forwardDecay(let floor): g[i] <= floor
    case .logDecay(let floor): problem.level == .model ? lambda[i] < floor : ops.log(g[i]) < floor
    }
  }

  private mutating func head(_ b: Int, _ h: Int) {
    let (K, V, W) = (shape.Dk, shape.Dv, shape.decayWidth)
    let (q, k, v) = (problem.primals.q.values, problem.primals.k.values, problem.primals.v.values)
    let keyHead = fault == .groupInterleaved ? h % shape.Hk : h / shape.groupSize
    let base = (b * shape.Hv + h) * V * K
    var S = [Double](repeating: 0, count: V * K)
    if let state = problem.primals.state { S = Array(state.values[base..<base + V * K]) }
    if fault == .transposedState && V == K { S = S.indices.map { S[$0 % K * K + $0 / K] } }
    var states: [[Double]] = []
    var writes: [[(w: Double, delta: Double)]] = []
    for t in 0..<shape.T {
      states.append(S)
      writes.append([])
      let token = (b * shape.T + t) * shape.Hv + h
      let key = ((b * shape.T + t) * shape.Hk + keyHead) * K
      guard isLive(b, t) else {
        if fault == .maskDecays { S = S.indices.map { ops.mul(S[$0], 0.9) } }
        continue
      }
      for i in 0..<V {
        let row = i * K
        for j in 0..<K { S[row + j] = ops.mul(S[row + j], g[token * W + (W == 1 ? 0 : j)]) }
        let before = Array(S[row..<row + K])
        let read = ops.dot(
          K, { S[row + $0] }, { fault == .tensorCores ? Half(k[key + $0]).double : k[key + $0] })
        let w = ops.sub(v[token * V + i], read)
        let delta = ops.mul(beta[token], w)
        for j in 0..<K { S[row + j] = ops.add(S[row + j], product: delta, k[key + j]) }
        let out = fault == .readBeforeWrite ? before : Array(S[row..<row + K])
        results[.y]![token * V + i] = ops.dot(K, { out[$0] }, { q[key + $0] })
        writes[t].append((w, delta))
      }
      let isBoundary = fault == .coarseState && t % 8 == 7
      if isBoundary || fault == .coarseStateAlways { S = S.map(Precision.bf16.round) }
    }
    states.append(S)
    for i in S.indices { results[.stateOut]![base + i] = S[i] }
    reverse(b, h, keyHead, states, writes)
  }

  private mutating func reverse(
    _ b: Int, _ h: Int, _ keyHead: Int, _ states: [[Double]], _ writes: [[(w: Double, delta: Double)]]
  ) {
    let (K, V, W) = (shape.Dk, shape.Dv, shape.decayWidth)
    let (q, k) = (problem.primals.q.values, problem.primals.k.values)
    let base = (b * shape.Hv + h) * V * K
    var D = [Double](repeating: 0, count: V * K)
    if let last = problem.cotangents.state, fault != .oldCotangentIgnored {
      D = Array(last.values[base..<base + V * K])
    }
    let missesHead = fault == .groupMissesHead && h % shape.groupSize == shape.groupSize - 1
    for t in (0..<shape.T).reversed() {
      let token = (b * shape.T + t) * shape.Hv + h
      let key = ((b * shape.T + t) * shape.Hk + keyHead) * K
      guard isLive(b, t) else {
        if fault == .maskLeaks { results[.dv]![token * V] = 1e-30 }
        if fault == .maskDecays { D = D.map { ops.mul($0, 0.9) } }
        continue
      }
      let dy = (0..<V).map { problem.cotangents.y?.values[token * V + $0] ?? 0 }
      let (before, after) = (states[t], states[t + 1])
      for i in 0..<V { for j in 0..<K { D[i * K + j] = ops.add(D[i * K + j], product: dy[i], q[key + j]) } }
      let h_ = (0..<V).map { i in ops.dot(K, { D[i * K + $0] }, { k[key + $0] }) }
      let bh = h_.map { ops.mul(beta[token], $0) }
      let decay = (0..<K).map { g[token * W + (W == 1 ? 0 : $0)] }
      for i in 0..<V { results[.dv]![token * V + i] = bh[i] }
      results[.dbeta]![token] = ops.dot(
        V, { h_[$0] },
        { i in
          guard fault == .betaGradientUndecayed else { return writes[t][i].w }
          return problem.primals.v.values[token * V + i] - ops.dot(K, { before[i * K + $0] }, { k[key + $0] })
        })
      for j in 0..<K where !missesHead {
        let dq = ops.dot(V, { after[$0 * K + j] }, { dy[$0] })
        var dk = ops.dot(V, { D[$0 * K + j] }, { writes[t][$0].delta })
        if regroupsKey {
          dk = ops.dot(
            2 * V, { $0 < V ? D[$0 * K + j] : -bh[$0 - V] },
            { $0 < V ? writes[t][$0].delta : ops.mul(before[($0 - V) * K + j], decay[j]) })
        } else if fault != .keyGradientHalf {
          dk = ops.sub(dk, ops.dot(V, { bh[$0] }, { ops.mul(before[$0 * K + j], decay[j]) }))
        }
        results[.dq]![key + j] = ops.add(results[.dq]![key + j], dq)
        results[.dk]![key + j] = ops.add(results[.dk]![key + j], dk)
      }
      for i in 0..<V { for j in 0..<K { D[i * K + j] = ops.add(D[i * K + j], product: -bh[i], k[key + j]) } }
      let state = fault == .decayGradientAfter ? after : before
      if W == 1 {
        results[.dg]![token] = isHeld(token) ? 0 : ops.dot(V * K, { D[$0] }, { state[$0] })
      } else {
        for j in 0..<K {
          results[.dg]![token * K + j] =
            isHeld(token * K + j) ? 0 : ops.dot(V, { D[$0 * K + j] }, { state[$0 * K + j] })
        }
      }
      if fault == .stateGradientUndecayed && t == 0 { continue }
      for i in D.indices { D[i] = ops.mul(D[i], decay[i % K]) }
    }
    for i in D.indices { results[.dstateIn]![base + i] = D[i] }
  }

  private var regroupsKey: Bool { specimen.regroups && fault == nil }

  private mutating func chain() {
    guard case .model(let a, let b, let A_log, let bias) = problem.primals.gates else { return }
    let W = shape.decayWidth
    for token in beta.indices {
      guard problem.isLive(token / shape.Hv / max(shape.T, 1), token / shape.Hv % max(shape.T, 1)) else {
        continue
      }
      let slope =
        specimen.regroups
        ? ops.mul(beta[token], ops.sub(1, beta[token])) : ops.mul(beta[token], ops.sigmoid(-b.values[token]))
      results[.db]![token] = ops.mul(results[.dbeta]![token], slope)
      for j in 0..<W {
        let (i, h) = (token * W + j, token % shape.Hv)
        let x = ops.add(a.values[i], bias.values[h * W + j])
        let dlambda = ops.mul(g[i], results[.dg]![i])
        let da = ops.mul(ops.mul(dlambda, -ops.exp(A_log.values[h])), ops.sigmoid(x))
        results[.da]![i] = da
        results[.ddt_bias]![h * W + j] = ops.add(results[.ddt_bias]![h * W + j], da)
        results[.dA_log]![h] = ops.add(results[.dA_log]![h], product: dlambda, lambda[i])
      }
    }
  }
}
