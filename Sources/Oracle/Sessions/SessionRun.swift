import GatedDeltaRule

/// What an implementation did with the calls of a problem. Its own states go from call to call, so that each call is
/// judged by itself.
struct SessionRun {
  /// One call, what was asked and what was answered.
  struct Event {
    let call: Schedule.Call
    let step: Step
    let answer: StepAnswer
    /// For what is kept: the states before the tokens of which some are.
    let before: Tensor
  }

  private(set) var events: [Event] = []
  /// Rows of the problem that took in all of its tokens, as one row each.
  let wholeRows: [Schedule.Row]

  /// Makes every call.
  init(_ runs: PropertyRuns) throws {
    guard let calls = runs.problem.calls else { throw Inapplicable("one call") }
    let (problem, shape) = (runs.problem, runs.problem.shape)
    let schedule: Schedule
    do {
      schedule = try Schedule(calls, B: shape.B, T: shape.T, hasState: problem.primals.state != nil)
    } catch {
      throw Inapplicable("\(error)")
    }
    wholeRows = (0..<shape.B).map {
      schedule.whole($0, slot: calls.slot(of: $0, B: shape.B), isFresh: problem.primals.state == nil)
    }.filter { !$0.tokens.isEmpty && $0.tokens.count == shape.T }
    var pool = SessionRun.pool(of: problem, calls, isDouble: runs.arithmetic == .double)
    var before = pool
    var history: Tensor?
    for call in schedule.calls {
      if call.kind.takesTokens { before = pool }
      let step = try Step(call, of: problem, pool: pool, history: call.kind == .keep ? history : nil)
      let answer = try runs.answer(step)
      events.append(Event(call: call, step: step, answer: answer, before: before))
      pool = answer.pool
      if call.kind.takesTokens { history = answer.history }
    }
  }

  /// The states before the first call: what nobody has written holds numbers that are no state's, NaN or infinity.
  static func pool(of problem: Problem, _ calls: Calls, isDouble: Bool) -> Tensor {
    let shape = problem.shape
    var pool = Tensor(
      shape: [calls.slots(B: shape.B)] + shape.state.dropFirst(),
      precision: isDouble ? .fp64 : problem.contract.state)
    if let unwritten = calls.pool {
      for i in pool.values.indices { pool.values[i] = unwritten.filling.number ?? Double(i * 7 % 17) / 4 - 2 }
    }
    guard let state = problem.primals.state else { return pool }
    let count = pool.values.count / pool.shape[0]
    for b in 0..<shape.B {
      let slot = calls.slot(of: b, B: shape.B)
      for i in 0..<count { pool.values[slot * count + i] = state.values[b * count + i] }
    }
    return pool
  }
}

extension Step.Kind {
  /// Whether its rows take in tokens.
  var takesTokens: Bool { self == .advance || self == .verify }
}

extension Step {
  /// What an engine is asked in a call.
  init(_ call: Schedule.Call, of problem: Problem, pool: Tensor, history: Tensor?) throws {
    let rows = call.rows.map { row in
      Row(
        slot: row.slot, tokens: row.tokens.count, kept: call.kind == .keep ? row.kept : 0,
        isFresh: row.isFresh,
        source: row.source)
    }
    let isPadded = problem.calls?.isPadded == true
    self.init(
      call.kind, rows: rows,
      tokens: call.kind.takesTokens ? try problem.tokens(of: call.rows, isPadded: isPadded) : nil,
      isPadded: isPadded && call.kind.takesTokens, pool: pool, history: history,
      wantsHistory: call.wantsHistory, contract: problem.contract)
  }
}

extension Problem {
  /// The tokens of the rows of a call, one row after the other or each in a batch row of its own.
  fileprivate func tokens(of rows: [Schedule.Row], isPadded: Bool) throws -> Problem {
    let longest = rows.map(\.tokens.count).max() ?? 0
    var draft = Draft(self)
    draft.joinRows()
    draft.select(
      .T,
      rows.flatMap { row in
        let places = row.tokens.map { Int?.some($0.b * shape.T + $0.t) }
        return isPadded ? places + [Int?](repeating: nil, count: longest - places.count) : places
      })
    if let poison = calls?.pool?.filling.number {
      draft.fillPadding(of: rows, longest: isPadded ? longest : nil, with: poison)
    }
    if isPadded {
      draft.splitRows(rows.count)
      let live = rows.flatMap { row in (0..<longest).map { row.number != nil && $0 < row.tokens.count } }
      if live.contains(false) { draft.mask = Mask(B: rows.count, T: longest, live: live) }
    }
    return try draft.problem(domain: .any)
  }

  /// Tokens of one row from a state.
  func segment(_ tokens: ArraySlice<Schedule.Token>, from state: Tensor?) throws -> Problem {
    var draft = Draft(self)
    draft.take(tokens)
    draft[.stateIn] = state
    return try draft.problem(domain: .any)
  }
}

extension Draft {
  /// These tokens of whichever rows, one after the other in one.
  mutating func take(_ tokens: some Sequence<Schedule.Token>, keepingReadouts: Bool = false) {
    let T = self[.T]
    joinRows(keepingReadouts: keepingReadouts)
    select(.T, tokens.map { $0.b * T + $0.t })
  }
}

extension Calls.Pool.Filling {
  /// What it is, where it is no number.
  fileprivate var number: Double? {
    switch self {
    case .numbers: nil
    case .nan: .nan
    case .inf: .infinity
    }
  }
}

extension Draft {
  /// Every token of rows of padding, and what lies behind the last token of a row that is padded.
  fileprivate mutating func fillPadding(of rows: [Schedule.Row], longest: Int?, with poison: Double) {
    var start = 0
    for row in rows {
      let count = longest ?? row.tokens.count
      defer { start += count }
      for input in Input.allCases where input.isPerToken && self[input] != nil {
        for token in start + (row.number == nil ? 0 : row.tokens.count)..<start + count {
          set(input, entries(input, b: 0, t: token), to: poison)
        }
      }
    }
  }
}
