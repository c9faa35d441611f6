/// An engine made of plain calls: whoever asks keeps the pool, and hands a state in and takes it out.
struct PlainCalls {
  let evaluate: (Problem) throws -> Evaluation

  func answer(_ step: Step) throws -> StepAnswer {
    switch step.kind {
    case .advance, .verify: try step.isPadded ? batch(step) : oneByOne(step)
    case .keep: keep(step)
    case .fork: fork(step)
    }
  }

  private func oneByOne(_ step: Step) throws -> StepAnswer {
    let tokens = step.tokens!
    var answer = blank(step)
    for (index, row) in step.rows.enumerated() {
      guard let slot = row.slot else { continue }
      let (start, end) = (step.offsets[index], step.offsets[index + 1])
      let state = row.isFresh ? nil : step.pool.state(slot)
      if step.wantsHistory {
        let first = step.historyOffset(of: index)
        if let state { answer.history!.put(state, at: first) }
        for count in 0..<row.tokens {
          let behind = try outputs(tokens.cut(start..<start + count + 1, from: state)).state
          answer.history!.put(behind, at: first + count + 1)
        }
      }
      guard row.tokens > 0 else {
        if row.isFresh, step.kind == .advance { answer.pool.clear(slot) }
        continue
      }
      let outputs = try outputs(tokens.cut(start..<end, from: state))
      answer.put(outputs.y, behind: start, of: tokens.shape.value)
      if step.kind == .advance { answer.put(outputs.state, at: slot) }
    }
    return answer
  }

  private func batch(_ step: Step) throws -> StepAnswer {
    let tokens = step.tokens!
    var answer = blank(step)
    var states: Tensor?
    for (index, row) in step.rows.enumerated() {
      guard let slot = row.slot, !row.isFresh else { continue }
      states = states ?? Tensor(shape: tokens.shape.state, precision: step.pool.precision)
      states!.put(step.pool.state(slot), at: index)
    }
    let outputs = try outputs(tokens.cut(0..<tokens.shape.T, from: states))
    answer.y = outputs.y
    for (index, row) in step.rows.enumerated() where step.kind == .advance {
      if let slot = row.slot { answer.put(outputs.state.state(index), at: slot) }
    }
    if step.wantsHistory { try remember(step, states, in: &answer.history!) }
    return answer
  }

  /// The states behind every token of a batch: those of what is left of it behind so many tokens.
  private func remember(_ step: Step, _ states: Tensor?, in history: inout Tensor) throws {
    if let states {
      for index in step.rows.indices { history.put(states.state(index), at: step.historyOffset(of: index)) }
    }
    for count in 1..<step.tokens!.shape.T + 1 {
      let behind = try outputs(step.tokens!.cut(0..<count, from: states)).state
      for (index, row) in step.rows.enumerated() where count <= row.tokens {
        history.put(behind.state(index), at: step.historyOffset(of: index) + count)
      }
    }
  }

  private func outputs(_ problem: Problem) throws -> (y: Tensor, state: Tensor) {
    let evaluation = try evaluate(problem)
    guard let y = evaluation[.y], let state = evaluation[.stateOut] else {
      throw Breakdown("\(evaluation[.y] == nil ? "y" : "state_out") is missing")
    }
    return (y, state)
  }

  private func keep(_ step: Step) -> StepAnswer {
    var answer = StepAnswer(pool: step.pool)
    for (index, row) in step.rows.enumerated() {
      guard let slot = row.slot, let history = step.history else { continue }
      answer.put(history.state(step.historyOffset(of: index) + row.kept), at: slot)
    }
    return answer
  }

  private func fork(_ step: Step) -> StepAnswer {
    var pool = step.pool
    for row in step.rows {
      if let slot = row.slot, let source = row.source { pool.put(step.pool.state(source), at: slot) }
    }
    return StepAnswer(pool: pool)
  }

  private func blank(_ step: Step) -> StepAnswer {
    StepAnswer(
      y: Tensor(shape: step.tokens!.shape.value), pool: step.pool,
      history: step.wantsHistory ? Tensor(shape: step.historyShape, precision: step.pool.precision) : nil)
  }
}

extension StepAnswer {
  /// Takes up outputs behind so many tokens, in the format that they are in.
  fileprivate mutating func put(_ outputs: Tensor, behind tokens: Int, of shape: [Int]) {
    if y!.precision != outputs.precision {
      y = Tensor(shape: shape, precision: outputs.precision, values: y!.values)
    }
    let first = tokens * shape.dropFirst(2).reduce(1, *)
    y!.values.replaceSubrange(first..<first + outputs.values.count, with: outputs.values)
  }

  fileprivate mutating func put(_ state: Tensor, at slot: Int) {
    pool.put(state, at: slot)
    if state.precision.unitRoundoff > pool.precision.unitRoundoff { written = state.precision }
  }
}

extension Tensor {
  /// Elements of one state among several.
  private func elements(_ index: Int) -> Range<Int> {
    let count = shape.dropFirst().reduce(1, *)
    return index * count..<(index + 1) * count
  }

  /// One state of several, [1, Hv, Dv, Dk].
  fileprivate func state(_ index: Int) -> Tensor {
    Tensor(shape: [1] + shape.dropFirst(), precision: precision, values: Array(values[elements(index)]))
  }

  fileprivate mutating func put(_ state: Tensor, at index: Int) {
    values.replaceSubrange(elements(index), with: state.values.map(precision.round))
  }

  fileprivate mutating func clear(_ index: Int) {
    for i in elements(index) { values[i] = 0 }
  }
}

extension Problem {
  /// These tokens of every row, from a state.
  fileprivate func cut(_ range: Range<Int>, from state: Tensor?) throws -> Problem {
    let (B, T) = (shape.B, shape.T)
    func cut(_ tensor: Tensor) -> Tensor {
      let width = tensor.shape.dropFirst(2).reduce(1, *)
      let values = (0..<B).flatMap { b in
        tensor.values[(b * T + range.lowerBound) * width..<(b * T + range.upperBound) * width]
      }
      return Tensor(
        shape: [B, range.count] + tensor.shape.dropFirst(2), precision: tensor.precision, values: values)
    }
    let gates: Gates =
      switch primals.gates {
      case .core(let g, let beta): .core(g: cut(g), beta: cut(beta))
      case .model(let a, let b, let A_log, let dt_bias):
        .model(a: cut(a), b: cut(b), A_log: A_log, dt_bias: dt_bias)
      }
    let mask = mask.map { mask in
      Mask(B: B, T: range.count, live: (0..<B).flatMap { b in range.map { mask[b, $0] } })
    }
    let shape = try Shape(
      B: B, T: range.count, Hk: shape.Hk, Hv: shape.Hv, Dk: shape.Dk, Dv: shape.Dv, decayKind: shape.decayKind
    )
    return try Problem(
      shape: shape,
      primals: Primals(q: cut(primals.q), k: cut(primals.k), v: cut(primals.v), gates: gates, state: state),
      mask: mask, cotangents: Outputs(), contract: contract, domain: .any)
  }
}
