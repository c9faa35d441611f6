import GatedDeltaRule
import Sweep

extension Property {
  /// The rule is linear in (v, S_0), and (dv, dS_0) is its adjoint: for any v', S_0' with the answers y', S_T',
  ///
  ///     <dy, y'> + <dS_T, S_T'> = <dv, v'> + <dS_0, S_0'>        in every head of every batch row
  static let dotProduct = Property("dot-product", .cheap) { runs, tally in
    try runs.requireOneRule()
    let base = try runs.baseGradients([.dv, .dstateIn])
    let (problem, shape) = (runs.problem, runs.problem.shape)
    var other = Draft(problem)
    func drawn(_ tensor: Tensor) -> Tensor {
      var copy = tensor
      for i in copy.values.indices { copy.values[i] = runs.draw.eighth() }
      return copy
    }
    other[.v] = drawn(other[.v]!)
    other[.stateIn] = drawn(other.zeros(.stateIn))
    let (v, state) = (other[.v]!, other[.stateIn]!)
    let found = try runs.run(other, bounded: true, gradients: false)
    let readouts = problem.headProducts(problem.cotangents.y, found.entries(.y))
    let writes = problem.headProducts(v, base.entries(.dv))
    let ends = problem.stateProducts(problem.cotangents.state, found.entries(.stateOut))
    let starts = problem.stateProducts(state, base.entries(.dstateIn))
    for b in 0..<shape.B {
      for h in 0..<shape.Hv {
        var (left, right) = (ends[b * shape.Hv + h], starts[b * shape.Hv + h])
        for t in 0..<shape.T where problem.isLive(b, t) {
          let head = (b * shape.T + t) * shape.Hv + h
          left.add(readouts[head])
          right.add(writes[head])
        }
        tally.expect("<dy, y'> + <dS, S'> = <dv, v'> + <dS0, S0'>", at: [b, h], left, equals: right)
      }
    }
  }

  /// The adjoint recurrence  D_(t-1) = (D_t + dy_t q_t^T)(I - beta_t k_t k_t^T) g_t  is the rule itself, run backwards
  /// from D_T = dS_T: an *add token* with k = c q_t, v = dy_t / c, beta = 1 adds dy_t q_t^T and reads with k_t; an
  /// *erase token* with k_t, v = 0, beta_t follows. Then dv_t = beta_t y(add token) and dS_0 = D_0: gradients from a
  /// forward run of 2 T tokens.
  ///
  /// c is a power of two so small that c^2 is far below the roundoff. A chunked form multiplies dy_t / c by products
  /// with c q_t that may underflow: what 1 / c brings back up is allowed for.
  ///
  /// Erasing comes before decaying here, so g_t is the decay of the next add token, and the last one is applied to
  /// the result; per channel the two do not commute.
  static let timeReversal = Property(
    "time-reversal", .cheap, unless: { obstacleToExchange($0) ?? Draft($0).obstacleToKeeping }
  ) { runs, tally in
    try runs.requireOneRule()
    let base = try runs.baseGradients([.dv, .dstateIn])
    let (problem, shape) = (runs.problem, runs.problem.shape)
    try requireOrdinary(problem.liveOnly(problem.primals.q), in: 0x1p-60...0x1p40, "q")
    try requireOrdinary(problem.cotangents.y.map { problem.liveOnly($0) }, in: 0x1p-60...0x1p40, "dy")
    let reversed = try TimeReversal(problem, scale: runs.arithmetic == .double ? 0x1p40 : 0x1p20)
    let table = runs.gates
    let found = try runs.run(reversed.draft, bounded: true, gradients: false)
    let (y, stateOut) = (found.entries(.y), found.entries(.stateOut))
    let (dv, dstateIn) = (base.entries(.dv), base.entries(.dstateIn))
    let scales = (
      v: problem.liveOnly(base[.dv]!).largestMagnitude, state: base[.dstateIn]!.largestMagnitude
    )
    forEachLive(problem) { head in
      let (row, h) = (head / shape.Hv, head % shape.Hv)
      let add = row / shape.T * 2 * shape.T + 2 * (shape.T - 1 - row % shape.T)
      for i in 0..<shape.Dv {
        var (left, right) = (Sum(), Sum())
        left.add(y[(add * shape.Hv + h) * shape.Dv + i], times: table.beta[head])
        left.add((0, reversed.underflow), times: 1)
        right.add(dv[head * shape.Dv + i], times: 1)
        tally.expect("dv", at: [row / shape.T, row % shape.T, h, i], right, equals: left, scale: scales.v)
      }
    }
    for i in 0..<shape.B * shape.Hv * shape.Dv * shape.Dk {
      let index = coordinates(of: i, in: shape.state)
      var g = 1.0
      if let t = (0..<shape.T).first(where: { problem.isLive(index[0], $0) }) {
        let head = (index[0] * shape.T + t) * shape.Hv + index[1]
        g = table.g[head * table.width + (table.width == 1 ? 0 : index[3])]
      }
      var (left, right) = (Sum(), Sum())
      left.add(stateOut[i], times: g)
      left.add((0, reversed.underflow), times: 1)
      right.add(dstateIn[i], times: 1)
      tally.expect("dstate_in", at: index, right, equals: left, scale: scales.state)
    }
  }
}

extension Property {
  /// Why q, k and the states cannot change places with each other and with their cotangents, or nil.
  @Sendable fileprivate static func obstacleToExchange(_ problem: Problem) -> String? {
    if !problem.contract.keepsQueryAndKey { return "q and k are not taken as they are" }
    return problem.contract.state == .fp32 ? nil : "states are rounded between calls"
  }
}

/// The problem whose forward run is the reverse sweep of another.
struct TimeReversal {
  private(set) var draft: Draft
  /// The smallest normal fp32 in every token's product with dy_t / c.
  let underflow: Double

  /// - Parameter scale: 1 / c.
  init(_ problem: Problem, scale: Double) throws {
    let shape = problem.shape
    let largest = problem.cotangents.y.map { problem.liveOnly($0).largestMagnitude } ?? 0
    underflow = 0x1p-126 * scale * Double(shape.T) * largest
    for tensor in [problem.primals.q, problem.primals.k, problem.primals.v] where tensor.precision == .fp16 {
      throw Inapplicable("the scale leaves fp16")
    }
    draft = Draft(problem)
    draft.select(.T, (0..<shape.T).reversed().flatMap { [$0, $0] })
    (draft[.stateIn], draft[.dstateOut], draft[.dy]) = (problem.cotangents.state, nil, nil)
    let (q, k) = (draft[.q]!, draft[.k]!)
    var (keys, queries) = (k, q)
    var values = Tensor(shape: draft[.v]!.shape, precision: draft[.v]!.precision)
    let (keyWidth, valueWidth) = (shape.Hk * shape.Dk, shape.Hv * shape.Dv)
    for b in 0..<shape.B {
      for t in 0..<shape.T {
        let add = b * 2 * shape.T + 2 * (shape.T - 1 - t)
        for i in add * keyWidth..<(add + 1) * keyWidth {
          keys.values[i] = q.values[i] / scale
          queries.values[i] = k.values[i]
        }
        guard let dy = problem.cotangents.y else { continue }
        for i in 0..<valueWidth {
          values.values[add * valueWidth + i] = scale * dy.values[(b * shape.T + t) * valueWidth + i]
        }
      }
    }
    (draft[.k], draft[.q], draft[.v]) = (keys, queries, values)
    for t in stride(from: 0, to: 2 * shape.T, by: 2) { draft.setWrite(true, t: t) }
    shiftDecay(problem)
  }

  /// An add token decays by what the live token that follows in the problem decays by; an erase token does not.
  private mutating func shiftDecay(_ problem: Problem) {
    let shape = problem.shape
    let input = draft.decayInput
    let given = Draft(problem)
    let source = given[input]!
    var decay = Tensor(shape: draft[input]!.shape, precision: source.precision, repeating: draft.keeping)
    for b in 0..<shape.B {
      var next: Int?
      for t in (0..<shape.T).reversed() where problem.isLive(b, t) {
        if let next {
          let target = draft.entries(input, b: b, t: 2 * (shape.T - 1 - t))
          decay.values.replaceSubrange(target, with: source.values[given.entries(input, b: b, t: next)])
        }
        next = t
      }
    }
    draft[input] = decay
  }
}
