//  A call of a session: rows of tokens one after the other in one array, or each in a row of a padded batch, and the pool of
//  states in which each row reads and writes its slot in place. The rows share what is formed of the tokens before the
//  recurrence; each runs from the place where its tokens begin to the place where they end.

import GatedDeltaRule

extension Kernel {
  /// - Throws: `Refusal` where `refusal(of:)` says so.
  func answer(_ step: Step, request: Request) throws -> StepAnswer {
    if let tokens = step.tokens, let reason = refusal(of: tokens) { throw Refusal(reason) }
    return switch request.arithmetic {
    case .working: Engine<Float>(step).answer(by: self)
    case .double: Engine<Double>(step).answer(by: self)
    }
  }
}

/// A step at work, in the arithmetic of a kernel.
private struct Engine<R: Real> {
  let step: Step
  let arena = Arena(threads: 1)
  /// Vectors of one state, and of all slots.
  let stateLanes: Int
  /// The states, [slots, Hv, Dv, keyLanes].
  let pool: MutableRow<R>

  init(_ step: Step) {
    self.step = step
    let shape = step.pool.shape
    stateLanes = shape[1] * shape[2] * lanes(shape[3])
    pool = padded(step.pool, groups: shape[0] * shape[1], rows: shape[2], width: shape[3], arena: arena)
  }

  func answer(by kernel: some Kernel) -> StepAnswer {
    defer { withExtendedLifetime(arena) {} }
    switch step.kind {
    case .advance, .verify: return run(kernel, step.tokens!)
    case .keep: keep()
    case .fork:
      for row in step.rows {
        if let slot = row.slot, let source = row.source { put(state(source), at: slot) }
      }
    }
    return StepAnswer(pool: states)
  }

  private func run(_ kernel: some Kernel, _ tokens: Problem) -> StepAnswer {
    let gates = GateValues<R>(tokens, rule: kernel.gates, arena: arena)
    let whole = CoreProblem<R>(
      tokens, decay: UnsafePointer(gates.g), beta: UnsafePointer(gates.beta), arena: arena)
    let results = CoreResults(whole, gradients: step.wantsGradients, arena: arena)
    let cotangents: MutableRow<R> = padded(
      step.dstates, groups: step.rows.count * tokens.shape.Hv, rows: tokens.shape.Dv, width: tokens.shape.Dk,
      arena: arena)
    let dstates: MutableRow<R> = arena.allocate(step.rows.count * stateLanes, filledWith: .zero)
    let history = history()
    for (index, row) in step.rows.enumerated() {
      guard let slot = row.slot else { continue }
      let first = step.isPadded ? index * tokens.shape.T : step.offsets[index]
      let start =
        row.isFresh ? Row(arena.allocate(stateLanes, filledWith: .zero) as MutableRow<R>) : state(slot)
      let end = step.kind == .advance ? pool + slot * stateLanes : arena.allocate(stateLanes)
      if let history {
        let states = history + step.historyOffset(of: index) * stateLanes
        states.update(from: start, count: stateLanes)
        // Behind every token there is a state, so they are taken one by one.
        for t in 0..<row.tokens {
          let (old, new) = (Row(states + t * stateLanes), states + (t + 1) * stateLanes)
          run(
            kernel, whole.row(first + t..<first + t + 1, from: old, dstate: old),
            results.row(first + t, of: whole, to: new, dstate: nil))
        }
        end.update(from: states + row.tokens * stateLanes, count: stateLanes)
      } else {
        run(
          kernel,
          whole.row(first..<first + row.tokens, from: start, dstate: Row(cotangents + index * stateLanes)),
          results.row(first, of: whole, to: end, dstate: dstates + index * stateLanes))
      }
      // Behind the call and not inside of it.
      round(end)
    }
    var answer = StepAnswer(
      y: unpadded(results.y, shape: tokens.shape.value, arena.parts), pool: states,
      history: history.map { rounded(unpadded($0, shape: step.historyShape, arena.parts)) })
    if let found = results.gradients {
      let states = unpadded(
        dstates, shape: [step.rows.count] + tokens.shape.state.dropFirst(), arena.parts)
      let primals = found.primals(whole, gates, tokens, state: states, arena: arena)
      answer.gradients = Evaluation(outputs: Outputs(), gradients: primals).results
      if !tokens.contract.hasRate { answer.gradients[.dA_log] = nil }
    }
    return answer
  }

  private func run(_ kernel: some Kernel, _ problem: CoreProblem<R>, _ results: CoreResults<R>) {
    let arena = Arena(threads: 1)
    kernel.run(problem, groups: 0..<problem.shape.Hk, into: results, arena: arena)
    withExtendedLifetime(arena) {}
  }

  /// Room for the states behind every token, where they are wanted.
  private func history() -> MutableRow<R>? {
    step.wantsHistory ? arena.allocate(step.historyShape[0] * stateLanes, filledWith: .zero) : nil
  }

  private func keep() {
    guard let tensor = step.history else { return }
    let shape = step.historyShape
    let history: MutableRow<R> = padded(
      tensor, groups: shape[0] * shape[1], rows: shape[2], width: shape[3], arena: arena)
    for (index, row) in step.rows.enumerated() {
      guard let slot = row.slot else { continue }
      put(Row(history + (step.historyOffset(of: index) + row.kept) * stateLanes), at: slot)
    }
  }

  private func state(_ slot: Int) -> Row<R> { Row(pool + slot * stateLanes) }

  private func put(_ state: Row<R>, at slot: Int) {
    (pool + slot * stateLanes).update(from: state, count: stateLanes)
  }

  /// A new state in the format that states have between calls.
  private func round(_ state: MutableRow<R>) {
    let format = step.pool.precision
    guard format.unitRoundoff > Precision.fp32.unitRoundoff else { return }
    for i in 0..<stateLanes {
      var elements = R.double(state[i])
      for lane in 0..<8 { elements[lane] = format.round(elements[lane]) }
      state[i] = R.rounded(elements)
    }
  }

  private var states: Tensor { rounded(unpadded(pool, shape: step.pool.shape, arena.parts)) }

  /// In the format that states have between calls.
  private func rounded(_ states: Tensor) -> Tensor { states.rounded(to: step.pool.precision) }
}

extension CoreProblem {
  /// Some of the tokens as a batch of one, from a state.
  fileprivate func row(_ tokens: Range<Int>, from state: Row<R>, dstate: Row<R>) -> CoreProblem {
    CoreProblem(self, tokens, from: state, dstate: dstate)
  }

  private init(_ whole: CoreProblem, _ tokens: Range<Int>, from state: Row<R>, dstate: Row<R>) {
    let (sizes, first) = (whole.shape, tokens.lowerBound)
    // Parts of a shape are no larger than it is.
    shape = try! Shape(
      B: 1, T: tokens.count, Hk: sizes.Hk, Hv: sizes.Hv, Dk: sizes.Dk, Dv: sizes.Dv,
      decayKind: sizes.decayKind)
    (keyLanes, valueLanes) = (whole.keyLanes, whole.valueLanes)
    q = whole.q + first * sizes.Hk * keyLanes
    k = whole.k + first * sizes.Hk * keyLanes
    (queries, keys) = (whole.queries, whole.keys)
    v = whole.v + first * sizes.Hv * valueLanes
    dy = whole.dy + first * sizes.Hv * valueLanes
    beta = whole.beta + first * sizes.Hv
    decay = whole.decay + first * sizes.Hv * (sizes.decayKind == .scalar ? 1 : keyLanes * 8)
    (self.state, self.dstate) = (state, dstate)
    live = whole.live + first
  }
}

extension CoreResults {
  /// What a row of the tokens fills in, from token `first` on, and where its state goes; without gradients where there is
  /// no place for that of the state.
  fileprivate func row(
    _ first: Int, of whole: CoreProblem<R>, to state: MutableRow<R>, dstate: MutableRow<R>?
  ) -> CoreResults {
    let shape = whole.shape
    let y = y + first * shape.Hv * whole.valueLanes
    guard let dstate, let all = gradients else { return CoreResults(y: y, state: state, gradients: nil) }
    let (keys, heads) = (first * shape.Hk * whole.keyLanes, first * shape.Hv)
    let decays = heads * (shape.decayKind == .scalar ? 1 : whole.keyLanes * 8)
    let own = CoreGradients(
      dq: all.dq + keys, dk: all.dk + keys, dv: all.dv + heads * whole.valueLanes, dbeta: all.dbeta + heads,
      ddecay: all.ddecay + decays, dstate: dstate)
    return CoreResults(y: y, state: state, gradients: own)
  }

  private init(y: MutableRow<R>, state: MutableRow<R>, gradients: CoreGradients<R>?) {
    (self.y, self.state, self.gradients) = (y, state, gradients)
  }
}

extension CoreGradients {
  fileprivate init(
    dq: MutableRow<R>, dk: MutableRow<R>, dv: MutableRow<R>, dbeta: UnsafeMutablePointer<R>,
    ddecay: UnsafeMutablePointer<R>, dstate: MutableRow<R>
  ) {
    (self.dq, self.dk, self.dv, self.dbeta) = (dq, dk, dv, dbeta)
    (self.ddecay, self.dstate) = (ddecay, dstate)
  }
}
