import GatedDeltaRule
import Sweep

extension Property {
  /// With beta = 0 nothing is written:  S_t = P_t S_0,  y_t = P_t S_0 q_t,  dS_0 = P_T dS_T + sum_t P_t dy_t q_t^T,
  /// P_t the product of the decays up to t. Sees a wrong parameterisation of the decay, which no relation between
  /// runs does.
  static let pureDecay = Property(
    "pure-decay", .cheap, unless: { Draft($0).obstacleToKeeping }
  ) { runs, tally in
    try runs.requireOneRule()
    let shape = runs.problem.shape
    var draft = Draft(runs.problem)
    for t in 0..<shape.T { draft.setWrite(false, t: t) }
    if draft[.stateIn] == nil {
      var state = draft.zeros(.stateIn)
      for i in state.values.indices { state.values[i] = runs.draw.eighth() }
      draft[.stateIn] = state
    }
    let problem = try runs.legal(draft)
    let answer = try runs.run(draft, bounded: true).loosened(by: runs.arithmetic == .double ? 2 : 1)
    let closed = PureDecay(problem, clamp: runs.declaration.clamp)
    for (quantity, expected) in closed.values {
      guard let found = answer[quantity] else { continue }
      let entries = answer.entries(quantity)
      let scale = expected.largestMagnitude
      let width = shape.T > 0 ? found.values.count / (shape.B * shape.T) : 1
      for i in found.values.indices {
        if quantity == .y, let mask = problem.mask, !mask.live[i / width] { continue }
        tally.expect(
          quantity.rawValue, at: coordinates(of: i, in: found.shape), found.values[i],
          near: expected.values[i], within: entries.tolerances[i], scale: scale)
      }
    }
  }

  /// What is read where it has just been written is what was written: with one-hot keys, beta = 1 and q = k,  y_t = v_t.
  static let readAfterWrite = Property(
    "read-after-write", .cheap,
    unless: {
      $0.contract.keepsQueryAndKey
        ? Draft($0).obstacleToKeeping ?? ($0.shape.T == 0 ? "no token" : nil)
        : "q and k are not taken as they are"
    }
  ) { runs, tally in
    let shape = runs.problem.shape
    var draft = Draft(runs.problem)
    let k = draft[.k]!
    var keys = Tensor(shape: k.shape, precision: k.precision)
    for key in 0..<shape.B * shape.T * shape.Hk {
      keys.values[key * shape.Dk + runs.draw.integer(below: shape.Dk)] = 1
    }
    (draft[.k], draft[.q]) = (keys, keys)
    for t in 0..<shape.T { draft.setWrite(true, t: t) }
    let answer = try runs.run(draft, bounded: true, gradients: false)
    guard let y = answer[.y] else { throw Inapplicable("y is not answered") }
    let width = shape.Hv * shape.Dv
    let tolerances = answer.entries(.y).tolerances
    let scale = max(
      runs.problem.liveOnly(runs.problem.primals.v).largestMagnitude,
      runs.problem.primals.state?.largestMagnitude ?? 0)
    for i in y.values.indices where runs.problem.mask?.live[i / width] ?? true {
      tally.expect(
        "y = v", at: coordinates(of: i, in: y.shape), y.values[i], near: runs.problem.primals.v.values[i],
        within: tolerances[i], scale: scale)
    }
  }

  /// A NaN in one live input reaches the output and, where gradients are asked for, some gradient: nothing is repaired
  /// in silence. An implementation that throws has said so, which is as good.
  static let poison = Property(
    "poison", .cheap, unless: { $0.firstLive == nil ? "no live token" : nil }
  ) { runs, tally in
    let (problem, shape) = (runs.problem, runs.problem.shape)
    let rows = (0..<shape.B * shape.T).filter { problem.isLive($0 / shape.T, $0 % shape.T) }
    let token = runs.draw.element(of: rows)
    let h = runs.draw.integer(below: shape.Hv)
    var draft = Draft(problem)
    let readsValue = problem.readsWhatItWrites(token: token, head: h)
    let input = runs.draw.element(
      of: [Input.q, .k, draft.writeInput] + (readsValue ? [.v] : [])
        + (problem.primals.state == nil ? [] : [draft.decayInput]))
    let width = draft[input]!.values.count / (shape.B * shape.T)
    let isOfKeys = input == .q || input == .k
    let perHead = width / (isOfKeys ? shape.Hk : shape.Hv)
    let channel = runs.draw.integer(below: perHead)
    draft[input]!.values[token * width + (isOfKeys ? h / shape.groupSize : h) * perHead + channel] = .nan
    let poisoned = try draft.problem(domain: .any)
    let differentiates = runs.draw.integer(below: 2) == 0
    let found: Evaluation
    do {
      found = try runs.evaluate(poisoned, gradients: differentiates)
    } catch {
      throw Inapplicable("it does not take NaN")
    }
    guard let y = found[.y] else { throw Inapplicable("y is not answered") }
    let first = (token * shape.Hv + h) * shape.Dv
    for i in input == .v ? first + channel..<first + channel + 1 : first..<first + shape.Dv {
      tally.expectNotFinite(
        "y after a NaN in \(input.rawValue)", at: coordinates(of: i, in: y.shape), y.values[i])
    }
    let gradients = found.results.filter { $0.key.isGradient }
    // Through y alone comes what a query does.
    guard !gradients.isEmpty, input != .q || problem.cotangents.y != nil else { return }
    let isKept = gradients.values.contains { !$0.values.allSatisfy(\.isFinite) }
    tally.expectNotFinite("gradients after a NaN in \(input.rawValue)", at: [], isKept ? .nan : 0)
  }
}

extension Problem {
  /// The first live token, an index into [B, T].
  var firstLive: Int? {
    (0..<shape.B * shape.T).first { isLive($0 / shape.T, $0 % shape.T) }
  }

  /// Whether k and beta of a head at a token of [B, T] are other than zero, so that v is not multiplied by zero.
  func readsWhatItWrites(token: Int, head h: Int) -> Bool {
    let key = (token * shape.Hk + h / shape.groupSize) * shape.Dk
    let writes =
      switch primals.gates {
      case .core(_, let beta): beta.values[token * shape.Hv + h] != 0
      case .model(_, let b, _, _): b.values[token * shape.Hv + h] > -80
      }
    return writes && primals.k.values[key..<key + shape.Dk].contains { $0 != 0 }
  }
}

/// The closed form of a problem that writes nothing.
struct PureDecay {
  private(set) var values: [Quantity: Tensor] = [:]

  init(_ problem: Problem, clamp: Declaration.Clamp) {
    let shape = problem.shape
    let table = GateTable(problem, clamp: clamp)
    defer { withExtendedLifetime(table) {} }
    let (K, V) = (shape.Dk, shape.Dv)
    let queries = QueryKeyLayer(problem)?.q ?? problem.primals.q.values
    var y = Tensor(shape: shape.value, precision: .fp64)
    var state = Tensor(shape: shape.state, precision: .fp64)
    var dstate = state
    for b in 0..<shape.B {
      for h in 0..<shape.Hv {
        let base = (b * shape.Hv + h) * V * K
        var P = [Double](repeating: 1, count: K)
        for t in 0..<shape.T where problem.isLive(b, t) {
          let head = (b * shape.T + t) * shape.Hv + h
          let key = ((b * shape.T + t) * shape.Hk + h / shape.groupSize) * K
          for j in 0..<K { P[j] *= table.g[head * table.width + (table.width == 1 ? 0 : j)] }
          for i in 0..<V {
            let dy = problem.cotangents.y?.values[head * V + i] ?? 0
            for j in 0..<K {
              let q = queries[key + j]
              y.values[head * V + i] += P[j] * (problem.primals.state?.values[base + i * K + j] ?? 0) * q
              dstate.values[base + i * K + j] += P[j] * dy * q
            }
          }
        }
        for i in base..<base + V * K {
          state.values[i] = P[i % K] * (problem.primals.state?.values[i] ?? 0)
          dstate.values[i] += P[i % K] * (problem.cotangents.state?.values[i] ?? 0)
        }
      }
    }
    values = [.y: y, .stateOut: state, .dstateIn: dstate]
  }
}
