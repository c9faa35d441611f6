import GatedDeltaRule

/// A problem as flat arrays in one arithmetic, gates applied. What a masked token holds is not read: it rests, with
/// q = k = v = dy = 0, g = 1, beta = 0.
struct Sample<R: Scalar> {
  let shape: Shape
  let fault: Fault?
  /// Which tokens are real, [B, T].
  let live: [Bool]
  /// Which tokens the forward pass, and which the reverse pass, takes for real.
  let advances: [Bool], reverses: [Bool]
  let q: [R], k: [R]  // [B, T, Hk, Dk]
  let v: [R], dy: [R]  // [B, T, Hv, Dv]
  let g: [R]  // [B, T, Hv, decayWidth]
  let beta: [R]  // [B, T, Hv]
  let state: [R], dstate: [R]  // [B, Hv, Dv, Dk]

  init(_ problem: Problem, _ gates: GateRule<R>, _ fault: Fault?) {
    let shape = problem.shape
    let tokens = shape.B * shape.T
    let live = problem.mask?.live ?? [Bool](repeating: true, count: tokens)
    let advances = Sample.mask(live, shape, fault)
    let reverses = fault == .backwardIgnoresMask ? [Bool](repeating: true, count: tokens) : advances
    let readsAll = fault == .maskedCotangentFlows
    let open = (0..<tokens).map { readsAll || advances[$0] || reverses[$0] }
    func load(_ tensor: Tensor?, _ count: Int) -> [R] {
      guard let values = tensor?.values else { return [R](repeating: 0, count: count) }
      let width = max(1, count / max(1, tokens))
      return values.indices.map { i in
        if open[i / width] { return R(values[fault == .indexWraps ? i & 255 : i]) }
        return fault == .maskMultiplies ? R(values[i]) * 0 : 0
      }
    }
    let keys = tokens * shape.Hk * shape.Dk
    let values = tokens * shape.Hv * shape.Dv
    q = Sample.scaled(load(problem.primals.q, keys), shape, fault)
    k = Sample.normalised(load(problem.primals.k, keys), shape, fault)
    v = Sample.misread(load(problem.primals.v, values), problem.primals.v.precision, fault)
    dy = load(problem.cotangents.y, values)
    (g, beta) = gates.apply(open: open)
    let size = shape.B * shape.Hv * shape.Dv * shape.Dk
    let zeros = [R](repeating: 0, count: size)
    state = Sample.initialState(problem.primals.state.map { $0.values.map { R($0) } }, shape, fault) ?? zeros
    let isHeard = fault != .finalCotangentIgnored
    dstate = isHeard ? problem.cotangents.state.map { $0.values.map { R($0) } } ?? zeros : zeros
    (self.shape, self.fault, self.live) = (shape, fault, live)
    (self.advances, self.reverses) = (advances, reverses)
  }

  /// Which tokens are processed.
  private static func mask(_ live: [Bool], _ shape: Shape, _ fault: Fault?) -> [Bool] {
    let all = [Bool](repeating: true, count: live.count)
    switch fault {
    case .maskHidesOutputOnly: return all
    case .maskSkippedForOneRow: return shape.B == 1 ? all : live
    case .maskLate: return live.indices.map { $0 % shape.T == 0 ? live[$0] : live[$0 - 1] }
    case .maskIsLength:
      return live.indices.map { i in
        let row = i / shape.T * shape.T
        return i - row < live[row..<row + shape.T].count { $0 }
      }
    case .tokenDropped:
      return live.indices.map { live[$0] && (shape.T < 2 || $0 % shape.T != shape.T - 1) }
    default: return live
    }
  }

  private static func scaled(_ q: [R], _ shape: Shape, _ fault: Fault?) -> [R] {
    guard fault == .queryScaledAgain else { return q }
    return q.map { $0 / R(shape.Dk).squareRoot() }
  }

  private static func normalised(_ k: [R], _ shape: Shape, _ fault: Fault?) -> [R] {
    guard fault == .keyNormalisedAgain else { return k }
    var k = k
    for first in stride(from: 0, to: k.count, by: shape.Dk) {
      var square: R = 0
      for j in first..<first + shape.Dk { square += k[j] * k[j] }
      for j in first..<first + shape.Dk { k[j] /= (square + 1e-6).squareRoot() }
    }
    return k
  }

  private static func misread(_ v: [R], _ precision: Precision, _ fault: Fault?) -> [R] {
    guard fault == .halfTakenForBF16, precision == .fp16 else { return v }
    return v.map { R(BFloat16(bits: Half(Double($0)).bits).float) }
  }

  private static func initialState(_ state: [R]?, _ shape: Shape, _ fault: Fault?) -> [R]? {
    switch fault {
    case .initialStateTransposed: return state.map { transposed($0, shape) }
    case .stateOnlyForOneToken: return shape.T == 1 ? state : nil
    case .staleStateForOneToken where shape.T == 1 && state == nil:
      return [R](repeating: 0.5, count: shape.B * shape.Hv * shape.Dv * shape.Dk)
    default: return state
    }
  }

  /// Each head's state with rows and columns exchanged in memory.
  static func transposed(_ state: [R], _ shape: Shape) -> [R] {
    let size = shape.Dv * shape.Dk
    return state.indices.map { index in
      let (head, i, j) = (index / size * size, index % size / shape.Dk, index % shape.Dk)
      return state[head + j * shape.Dv + i]
    }
  }

  // MARK: where things are

  /// Value head `h` of a token, in [B, T, Hv].
  func row(_ b: Int, _ t: Int, _ h: Int) -> Int { (b * shape.T + t) * shape.Hv + h }

  /// The key that value head `h` reads, as an offset into q and k.
  func key(_ b: Int, _ t: Int, _ h: Int) -> Int {
    let head = fault == .keyHeadModulo ? h % shape.Hk : h / shape.groupSize
    return ((b * shape.T + t) * shape.Hk + head) * shape.Dk
  }

  /// A head's state.
  func stateOffset(_ b: Int, _ h: Int) -> Int { (b * shape.Hv + h) * shape.Dv * shape.Dk }
}
