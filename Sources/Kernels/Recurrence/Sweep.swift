/// Runs the recurrence over a span of one head's tokens, with the states in a history that the caller owns:
/// history[n] is the state before the span's token n.
struct Sweep<R: Real> {
  let problem: CoreProblem<R>
  let results: CoreResults<R>
  let recurrence: Recurrence<R>
  /// The gradients of q and k from one value head, before heads of a group are added up.
  private let dq: MutableRow<R>
  private let dk: MutableRow<R>

  init(_ problem: CoreProblem<R>, results: CoreResults<R>, arena: Arena) {
    self.problem = problem
    self.results = results
    recurrence = Recurrence(problem)
    dq = arena.allocate(problem.keyLanes)
    dk = arena.allocate(problem.keyLanes)
  }

  /// The state a head starts from.
  func initialState(_ head: Head) -> Row<R> { problem.state + problem.stateOffset(head) }

  /// Hands over a head's final state, and starts its cotangent from the loss's.
  func finish(_ head: Head, state: Row<R>) {
    (results.state + problem.stateOffset(head)).update(from: state, count: problem.stateLanes)
    if let gradients = results.gradients {
      (gradients.dstate + problem.stateOffset(head)).update(
        from: problem.dstate + problem.stateOffset(head), count: problem.stateLanes)
    }
  }

  /// Forward, from history[0], keeping every state.
  @inline(__always)
  func forward(_ head: Head, tokens: Range<Int>, history: MutableRow<R>) {
    for t in tokens {
      let old = history + (t - tokens.lowerBound) * problem.stateLanes
      advance(head, t, from: Row(old), to: old + problem.stateLanes)
    }
  }

  /// One token; a masked one hands the state on.
  @inline(__always)
  func advance(_ head: Head, _ t: Int, from old: Row<R>, to new: MutableRow<R>) {
    guard problem.live[head.b * problem.shape.T + t] else {
      if Row(new) != old { new.update(from: old, count: problem.stateLanes) }
      return
    }
    let y = results.y + problem.valueRow(head.b, t, head.h) * problem.valueLanes
    recurrence.step(problem.token(head.b, t, head.h), from: old, to: new, y: y.elements())
  }

  /// Backward over the span, carrying the state's cotangent in the results.
  @inline(__always)
  func reverse(_ head: Head, tokens: Range<Int>, history: Row<R>) {
    guard let gradients = results.gradients else { return }
    let dS = gradients.dstate + problem.stateOffset(head)
    for t in tokens.reversed() where problem.live[head.b * problem.shape.T + t] {
      let row = problem.valueRow(head.b, t, head.h)
      let gate = recurrence.perChannel ? row * problem.keyLanes * 8 : row
      dq.update(repeating: .zero, count: problem.keyLanes)
      dk.update(repeating: .zero, count: problem.keyLanes)
      let old = history + (t - tokens.lowerBound) * problem.stateLanes
      recurrence.reverse(
        problem.token(head.b, t, head.h), old: old, new: old + problem.stateLanes, dS: dS,
        into: TokenGradients(
          dq: dq, dk: dk, dv: (gradients.dv + row * problem.valueLanes).elements(),
          dg: gradients.ddecay + gate, dbeta: gradients.dbeta + row))
      let key = problem.keyRow(head.b, t, problem.keyHead(head.h)) * problem.keyLanes
      for j in 0..<problem.keyLanes {
        gradients.dq[key + j] += dq[j]
        gradients.dk[key + j] += dk[j]
      }
    }
  }
}
