import GatedDeltaRule
import Sweep

extension Property {
  /// N1, from q -> c q:  <dq_t, q_t> = sum over the group's heads of <dy_t, y_t>, at every live token.
  static let queryScale = Property("query-scale", .free, unless: normalises) { runs, tally in
    try runs.requireOneRule()
    let answer = try runs.baseGradients([.y, .dq])
    let readouts = runs.readouts(of: answer)
    let (problem, shape) = (runs.problem, runs.problem.shape)
    let products = problem.keyProducts(problem.primals.q, answer.entries(.dq))
    forEachLiveKey(problem) { key, index in
      var right = Sum()
      for head in key * shape.groupSize..<(key + 1) * shape.groupSize {
        right.add(readouts[head])
      }
      tally.expect("<dq, q> = <dy, y>", at: index(), products[key], equals: right)
    }
  }

  /// N2, from k -> c k, beta -> beta / c^2, v -> c v, which takes S to itself:
  ///
  ///     <dk_t, k_t> = sum over the group's heads of 2 beta_t dbeta_t - <dv_t, v_t>
  ///
  /// at every live token. At model level beta dbeta = db / sigmoid(-b).
  static let keyScale = Property("key-scale", .free, unless: normalises) { runs, tally in
    let write: Quantity = runs.problem.level == .core ? .dbeta : .db
    let answer = try runs.baseGradients([.dk, .dv, write])
    let dwrite = answer.entries(write)
    let (problem, shape) = (runs.problem, runs.problem.shape)
    let products = problem.keyProducts(problem.primals.k, answer.entries(.dk))
    let writes = runs.writes(of: answer)
    let writeFactors = runs.check.writeFactors
    forEachLiveKey(problem) { key, index in
      var right = Sum()
      for head in key * shape.groupSize..<(key + 1) * shape.groupSize {
        right.add(dwrite[head], times: 2 * writeFactors[head])
        right.add(writes[head], times: -1)
      }
      tally.expect("<dk, k> = 2 beta dbeta - <dv, v>", at: index(), products[key], equals: right)
    }
  }

  /// N3, since <dS, S> changes only where something is read or written:
  ///
  ///     dlog g_t = <dS_(t-1), S_(t-1)> = dlog g_(t+1) + <dy_t, y_t> - <dv_t, v_t>,   dlog g_(T+1) = <dS_T, S_T>,
  ///
  /// per head, and <dS_0, S_0> = dlog g_1; per channel for the sum of dlog g over the channels. A token whose decay
  /// is held by a clamp, or whose gate is too flat to tell dlog g from da, is passed over.
  static let stateScale = Property("state-scale", .free) { runs, tally in
    try runs.requireOneRule()
    let decay: Quantity = runs.problem.level == .core ? .dg : .da
    let answer = try runs.baseGradients([.y, .stateOut, .dv, .dstateIn, decay])
    let ddecay = answer.entries(decay)
    let (readouts, writes) = (runs.readouts(of: answer), runs.writes(of: answer))
    let problem = runs.problem
    let ends = problem.stateProducts(problem.cotangents.state, answer.entries(.stateOut))
    let starts = problem.stateProducts(problem.primals.state, answer.entries(.dstateIn))
    let shape = problem.shape
    let table = runs.gates
    for b in 0..<shape.B {
      for h in 0..<shape.Hv {
        var inner = ends[b * shape.Hv + h]
        for t in (0..<shape.T).reversed() where problem.isLive(b, t) {
          let head = (b * shape.T + t) * shape.Hv + h
          inner.add(readouts[head])
          inner.add(writes[head], times: -1)
          guard let found = table.logDecayGradient(head, problem, ddecay, runs.declaration.clamp) else {
            continue
          }
          tally.expect("dlog g = <dS, S>", at: [b, t, h], found, equals: inner)
          if found.tolerance < inner.tolerance { inner = found }
        }
        tally.expect("<dS, S> at the start", at: [b, h], starts[b * shape.Hv + h], equals: inner)
      }
    }
  }

  /// Through x = a + dt_bias and lambda = -exp(A_log) softplus(x):  ddt_bias = sum da  over batch rows and tokens, and
  /// dA_log = sum da softplus(x) / sigmoid(x), over the channels too; where lambda = L sigmoid(exp(A_log) x) the sum of x da.
  static let gateSums = Property(
    "gate-sums", .free, unless: { $0.level == .core ? "core level" : nil }
  ) { runs, tally in
    let hasRate = runs.problem.contract.hasRate
    let answer = try runs.baseGradients([.da, .ddt_bias] + (hasRate ? [.dA_log] : []))
    let (das, ddt_bias) = (answer.entries(.da), answer.entries(.ddt_bias))
    let (problem, shape) = (runs.problem, runs.problem.shape)
    let table = runs.check.gates(clamp: .none)
    let width = table.width
    let quotients = runs.check.rateQuotients
    var rates = [Sum](repeating: Sum(), count: shape.Hv)
    var biases = [Sum](repeating: Sum(), count: shape.Hv * width)
    forEachLive(problem) { head in
      for j in 0..<width {
        let da = das[head * width + j]
        biases[head % shape.Hv * width + j].add(da, times: 1)
        rates[head % shape.Hv].add(da, times: quotients[head * width + j])
      }
    }
    for (i, sum) in biases.enumerated() {
      var found = Sum()
      found.add(ddt_bias[i], times: 1)
      tally.expect("ddt_bias = sum da", at: coordinates(of: i, in: shape.dt_bias), found, equals: sum)
    }
    guard hasRate else { return }
    let dA_log = answer.entries(.dA_log)
    for (h, sum) in rates.enumerated() {
      var found = Sum()
      found.add(dA_log[h], times: 1)
      tally.expect("dA_log from da", at: [h], found, equals: sum)
    }
  }

  /// What holds of q and k holds of those that are normalised, whose gradients nobody answers.
  @Sendable static func normalises(_ problem: Problem) -> String? {
    problem.contract.queryKey == .given ? nil : "q and k are normalised"
  }

  /// Calls `body` with each live token and key head, as one index into [B, T, Hk] and as three.
  private static func forEachLiveKey(
    _ problem: Problem, _ body: (_ key: Int, _ index: () -> [Int]) -> Void
  ) {
    let shape = problem.shape
    for b in 0..<shape.B {
      for t in 0..<shape.T where problem.isLive(b, t) {
        for h in 0..<shape.Hk { body((b * shape.T + t) * shape.Hk + h) { [b, t, h] } }
      }
    }
  }
}

extension PropertyRuns {
  /// The answer to the problem as given, with bounds, if it has these quantities.
  func baseGradients(_ quantities: [Quantity]) throws -> Answer {
    let answer = try base(bounded: true)
    for quantity in quantities where answer[quantity] == nil {
      throw Inapplicable("\(quantity.rawValue) is not answered")
    }
    return answer
  }
}

extension Problem {
  /// <A, X> of every value head at every live token, [B, T, Hv]; nothing for an absent A.
  func headProducts(_ A: Tensor?, _ X: Answer.Entries) -> [Sum] {
    products(A, X, rowsOfToken: shape.Hv, width: shape.Dv)
  }

  /// Of every key head, [B, T, Hk].
  func keyProducts(_ A: Tensor?, _ X: Answer.Entries) -> [Sum] {
    products(A, X, rowsOfToken: shape.Hk, width: shape.Dk)
  }

  private func products(_ A: Tensor?, _ X: Answer.Entries, rowsOfToken: Int, width: Int) -> [Sum] {
    let tokens = shape.B * shape.T
    guard let A else { return [Sum](repeating: Sum(), count: tokens * rowsOfToken) }
    let live = mask?.live
    return [Sum](unsafeUninitializedCapacity: tokens * rowsOfToken) { sums, count in
      RowSums.with(X, times: A.values, width: width) { rows in
        for token in 0..<tokens {
          let isLive = live?[token] ?? true
          for row in token * rowsOfToken..<(token + 1) * rowsOfToken {
            sums.initializeElement(at: row, to: isLive ? rows[row] : Sum())
          }
        }
      }
      count = tokens * rowsOfToken
    }
  }

  /// <A, S> over every head's state, [B, Hv]; nothing for an absent A.
  func stateProducts(_ A: Tensor?, _ S: Answer.Entries) -> [Sum] {
    var sums = [Sum](repeating: Sum(), count: shape.B * shape.Hv)
    guard let A else { return sums }
    RowSums.with(S, times: A.values, width: shape.Dv * shape.Dk) { rows in
      for head in sums.indices { sums[head] = rows[head] }
    }
    return sums
  }
}

extension GateTable {
  /// The smallest slope through which dlog g can be read off da.
  private static let flat = 0x1p-100

  /// dlog g at an index into [B, T, Hv], summed over channels; nil where a clamp or a flat gate hides it.
  func logDecayGradient(
    _ head: Int, _ problem: Problem, _ gradient: Answer.Entries, _ clamp: Declaration.Clamp
  ) -> Sum? {
    var sum = Sum()
    for i in head * width..<(head + 1) * width {
      guard !isNearFloor(i, clamp) else { return nil }
      switch problem.level {
      case .core: sum.add(gradient[i], times: problem.contract.decay == .log ? 1 : g[i])
      case .model:
        let slope = decaySlope[i]
        guard slope.isFinite, slope.magnitude > GateTable.flat else { return nil }
        sum.add(gradient[i], times: 1 / slope)
      }
    }
    return sum
  }

  /// Whether the clamp holds the decay here, or rounding decides whether it does.
  func isNearFloor(_ i: Int, _ clamp: Declaration.Clamp) -> Bool {
    switch clamp {
    case .none: false
    case .decay(let floor), .forwardDecay(let floor): !(unclamped[i] > 2 * floor)
    case .logDecay(let floor): !(unclamped[i] > 2 * Double.exp(floor))
    }
  }
}
