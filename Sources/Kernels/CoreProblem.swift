import GatedDeltaRule

/// One value head of one batch row.
struct Head {
  let b: Int, h: Int
}

/// A problem at core level in a kernel's own arithmetic: padded rows, masked tokens made inert.
///
/// At a masked token q, k, v, beta and dy are selected to be 0 and g to be 1, not multiplied by the mask, so that
/// a NaN in a pad stays there.
///
/// Threads may share it: nothing writes what it points to.
struct CoreProblem<R: Real>: @unchecked Sendable {
  let shape: Shape
  /// Vectors in a key row and in a value row.
  let keyLanes: Int, valueLanes: Int
  let q: Row<R>, k: Row<R>  // [B, T, Hk, keyLanes], normalised and scaled where the contract says so
  /// The way back from them.
  let queries: NormalisedRows<R>, keys: NormalisedRows<R>
  let v: Row<R>, dy: Row<R>  // [B, T, Hv, valueLanes]
  let beta: UnsafePointer<R>  // [B, T, Hv]
  let decay: UnsafePointer<R>  // scalar: [B, T, Hv]; per channel: [B, T, Hv, keyLanes * 8]
  let state: Row<R>, dstate: Row<R>  // [B, Hv, Dv, keyLanes]
  /// One flag per token, [B, T].
  let live: UnsafePointer<Bool>

  init(_ problem: Problem, decay: UnsafePointer<R>, beta: UnsafePointer<R>, arena: Arena) {
    let shape = problem.shape
    let live = arena.allocate(shape.B * shape.T, of: Bool.self)
    for token in 0..<shape.B * shape.T { live[token] = problem.mask?.live[token] ?? true }
    func mutableTokens(_ tensor: Tensor?, heads: Int, width: Int) -> MutableRow<R> {
      padded(tensor, groups: shape.B * shape.T, rows: heads, width: width, kept: live, arena: arena)
    }
    func tokens(_ tensor: Tensor?, heads: Int, width: Int) -> Row<R> {
      Row(mutableTokens(tensor, heads: heads, width: width))
    }
    func states(_ tensor: Tensor?) -> Row<R> {
      Row(
        padded(tensor, groups: shape.B * shape.Hv, rows: shape.Dv, width: shape.Dk, arena: arena)
          as MutableRow<R>)
    }
    self.shape = shape
    (keyLanes, valueLanes) = (lanes(shape.Dk), lanes(shape.Dv))
    let contract = problem.contract
    let (q, k) = (
      mutableTokens(problem.primals.q, heads: shape.Hk, width: shape.Dk),
      mutableTokens(problem.primals.k, heads: shape.Hk, width: shape.Dk)
    )
    func normalised(_ rows: MutableRow<R>, scale: Double) -> NormalisedRows<R> {
      NormalisedRows(
        rows, count: shape.B * shape.T * shape.Hk, width: lanes(shape.Dk), contract.queryKey, scale: scale,
        arena: arena)
    }
    queries = normalised(q, scale: contract.scaleFactor(Dk: shape.Dk))
    keys = normalised(k, scale: 1)
    (self.q, self.k) = (Row(q), Row(k))
    v = tokens(problem.primals.v, heads: shape.Hv, width: shape.Dv)
    dy = tokens(problem.cotangents.y, heads: shape.Hv, width: shape.Dv)
    state = states(problem.primals.state)
    dstate = states(problem.cotangents.state)
    (self.decay, self.beta, self.live) = (decay, beta, UnsafePointer(live))
  }

  /// The key head that value head `h` reads.
  @inline(__always) func keyHead(_ h: Int) -> Int { h / shape.groupSize }
  /// Where token (b, t) of value head `h` starts among the value rows, gates and write strengths.
  @inline(__always) func valueRow(_ b: Int, _ t: Int, _ h: Int) -> Int { (b * shape.T + t) * shape.Hv + h }
  /// Where token (b, t) of key head `h` starts among the key rows.
  @inline(__always) func keyRow(_ b: Int, _ t: Int, _ h: Int) -> Int { (b * shape.T + t) * shape.Hk + h }
  /// Vectors of one head's state.
  var stateLanes: Int { shape.Dv * keyLanes }
  /// Where a head's state starts.
  func stateOffset(_ head: Head) -> Int { (head.b * shape.Hv + head.h) * stateLanes }
  /// The value heads of groups, of B x Hk, in order.
  func heads(of groups: Range<Int>) -> [Head] {
    let r = shape.groupSize
    return (groups.lowerBound * r..<groups.upperBound * r).map { Head(b: $0 / shape.Hv, h: $0 % shape.Hv) }
  }
}

/// What a kernel fills in: padded rows, zero where it writes nothing.
///
/// Threads may share it: each writes the rows of its own groups.
struct CoreResults<R: Real>: @unchecked Sendable {
  let y: MutableRow<R>  // [B, T, Hv, valueLanes]
  let state: MutableRow<R>  // [B, Hv, Dv, keyLanes]
  let gradients: CoreGradients<R>?

  init(_ problem: CoreProblem<R>, gradients: Bool, arena: Arena) {
    let shape = problem.shape
    y = arena.allocate(shape.B * shape.T * shape.Hv * problem.valueLanes, filledWith: .zero)
    state = arena.allocate(shape.B * shape.Hv * problem.stateLanes, filledWith: .zero)
    self.gradients = gradients ? CoreGradients(problem, arena: arena) : nil
  }
}

/// The gradients among them.
struct CoreGradients<R: Real> {
  let dq: MutableRow<R>, dk: MutableRow<R>  // [B, T, Hk, keyLanes]
  let dv: MutableRow<R>  // [B, T, Hv, valueLanes]
  let dbeta: UnsafeMutablePointer<R>  // [B, T, Hv]
  let ddecay: UnsafeMutablePointer<R>  // as the decay
  let dstate: MutableRow<R>  // [B, Hv, Dv, keyLanes]

  init(_ problem: CoreProblem<R>, arena: Arena) {
    let shape = problem.shape
    let tokens = shape.B * shape.T
    dq = arena.allocate(tokens * shape.Hk * problem.keyLanes, filledWith: .zero)
    dk = arena.allocate(tokens * shape.Hk * problem.keyLanes, filledWith: .zero)
    dv = arena.allocate(tokens * shape.Hv * problem.valueLanes, filledWith: .zero)
    dbeta = arena.allocate(tokens * shape.Hv, filledWith: 0)
    ddecay = arena.allocate(
      tokens * shape.Hv * (shape.decayKind == .scalar ? 1 : problem.keyLanes * 8), filledWith: 0)
    dstate = arena.allocate(shape.B * shape.Hv * problem.stateLanes, filledWith: .zero)
  }
}
