import GatedDeltaRule
import Sweep

/// What holds of a sequence of calls on a pool of states, each call judged from the states that the implementation itself
/// left there.
extension Property {
  /// Every row of every call is a segment of one sequence: y, the states that it leaves and the states behind each of its
  /// tokens are those of the rule, within the bound of one call.
  static let session = Property("session", .cheap, unless: oneCall) { runs, tally in
    for event in try runs.sessionRun().events {
      for (index, row) in event.call.rows.enumerated() where row.number != nil {
        switch event.call.kind {
        case .advance, .verify: try tally.follow(row, index, of: event, runs)
        case .keep: try tally.keep(row, of: event, runs)
        case .fork: break
        }
      }
    }
  }

  /// A slot that a call has no row for keeps its bits, and so does that of a row without tokens, of one that accepts
  /// nothing, and of every row while drafts are verified; a fork has the bits of what it copies; a fresh row without
  /// tokens is zero; what takes everything back has the bits of before, or zero where nothing was before.
  static let sessionPool = Property("session-pool", .cheap, unless: oneCall) { runs, tally in
    var last: SessionRun.Event?
    for event in try runs.sessionRun().events {
      tally.expectSlots(of: event, after: last)
      last = event
    }
  }

  /// A call of several rows has for each what a call of this row alone has.
  static let sessionAlone = Property("session-alone", .cheap, unless: oneCall) { runs, tally in
    let exactly = runs.exactness.contains(.batching)
    for event in try runs.sessionRun().events where event.isOfSeveral {
      for index in event.call.rows.indices where event.call.rows[index].number != nil {
        let call = event.call.with(rows: [event.call.rows[index]])
        try tally.compare(event, with: call, places: [index], runs, exactly: exactly)
      }
    }
  }

  /// The order of the rows of a call does not matter.
  static let sessionOrder = Property("session-order", .cheap, unless: oneCall) { runs, tally in
    let exactly = runs.exactness.contains(.batching)
    for event in try runs.sessionRun().events where event.isOfSeveral {
      let call = event.call.with(rows: event.call.rows.reversed())
      try tally.compare(event, with: call, places: event.call.rows.indices.reversed(), runs, exactly: exactly)
    }
  }

  /// The same calls from the beginning have the same answers: nothing is left of the first time.
  static let sessionAgain = Property("session-again", .cheap, unless: oneCall) { runs, tally in
    let exactly = runs.exactness.contains(.repetition)
    for event in try runs.sessionRun().events where event.call.kind.takesTokens {
      try tally.compare(
        event, with: event.call, places: Array(event.call.rows.indices), runs, exactly: exactly)
    }
  }

  /// What one call says of all tokens the calls of a session say as well, where splitting is promised to move no bit.
  static let sessionCall = Property("session-call", .cheap, unless: oneCall) { runs, tally in
    guard runs.exactness.contains(.splitting), runs.isSequential, runs.problem.contract.state == .fp32 else {
      throw Inapplicable("several calls are not promised the bits of one")
    }
    let y = try runs.base(bounded: false)[.y]!
    for event in try runs.sessionRun().events where event.call.kind.takesTokens {
      tally.compareReadouts(of: event, with: y, B: runs.problem.shape.B)
    }
  }

  @Sendable private static func oneCall(_ problem: Problem) -> String? {
    problem.calls == nil ? "the tokens come in one call" : nil
  }
}

extension SessionRun.Event {
  /// Whether its tokens are of several rows.
  fileprivate var isOfSeveral: Bool {
    call.kind.takesTokens && call.rows.count > 1
      && call.rows.contains { $0.number != nil && !$0.tokens.isEmpty }
  }

  /// `step 3, row 1, slot 4`.
  func place(_ row: Schedule.Row) -> String {
    "step \(call.entry), row \(row.number.map(String.init) ?? "of padding"), slot \(row.slot.map(String.init) ?? "-1")"
  }

  /// Whether a row that was fresh is none afterwards: from then on its slot holds its state, if only zero.
  fileprivate func hasBegun(_ row: Schedule.Row) -> Bool {
    switch call.kind {
    case .advance: true
    case .keep: call.rows.contains { $0.number == row.number && $0.kept > 0 }
    case .verify, .fork: false
    }
  }

  /// The outputs of a row that was number `index` of the call.
  func readout(_ index: Int, count: Int) -> Tensor {
    let y = answer.y!
    let width = y.shape.dropFirst(2).reduce(1, *)
    let first = (step.isPadded ? index * y.shape[1] : step.offsets[index]) * width
    return Tensor(
      shape: [1, count] + y.shape.dropFirst(2), precision: y.precision,
      values: Array(y.values[first..<first + count * width]))
  }
}

extension Schedule.Call {
  fileprivate func with(rows: [Schedule.Row]) -> Schedule.Call {
    var call = self
    call.rows = rows
    return call
  }
}

extension PropertyTally {
  /// A row that took in tokens.
  fileprivate mutating func follow(
    _ row: Schedule.Row, _ index: Int, of event: SessionRun.Event, _ runs: PropertyRuns
  ) throws {
    guard !row.tokens.isEmpty, let segment = try runs.segment(row, row.tokens.count, from: event.step.pool)
    else {
      return
    }
    let y = event.readout(index, count: row.tokens.count)
    expect("y, \(event.place(row))", y, .y, of: segment, runs)
    if event.call.kind == .advance {
      expect("state, \(event.place(row))", event.written(row.slot!), .stateOut, of: segment, runs)
    }
    guard let history = event.answer.history else { return }
    let first = event.step.historyOffset(of: index)
    for count in 1..<row.tokens.count + 1 {
      guard let prefix = try runs.segment(row, count, from: event.step.pool) else { continue }
      let name = "state behind token \(count) of \(row.tokens.count), \(event.place(row))"
      expect(name, history.state(first + count), .stateOut, of: prefix, runs)
    }
  }

  /// A row of whose last tokens some are kept.
  fileprivate mutating func keep(_ row: Schedule.Row, of event: SessionRun.Event, _ runs: PropertyRuns) throws
  {
    guard row.kept > 0, let segment = try runs.segment(row, row.kept, from: event.before) else { return }
    let name = "state with \(row.kept) of \(row.tokens.count) tokens kept, \(event.place(row))"
    expect(name, event.written(row.slot!), .stateOut, of: segment, runs)
  }

  /// That a result is the rule's, within the bound of its segment.
  private mutating func expect(
    _ name: String, _ found: Tensor, _ quantity: Quantity, of segment: Segment, _ runs: PropertyRuns
  ) {
    let answer = runs.answer(Evaluation(results: [quantity: found]), segment.check, bounded: true)
    guard let truth = segment.truth(quantity, for: runs.declaration),
      let tolerance = answer.tolerances[quantity]
    else { return }
    let scale = truth.largestMagnitude
    for i in found.values.indices {
      expect(
        name, at: coordinates(of: i, in: found.shape), found.values[i], near: truth.values[i],
        within: tolerance.values[i], scale: scale)
    }
  }

  /// That slots hold the bits that they must.
  fileprivate mutating func expectSlots(of event: SessionRun.Event, after last: SessionRun.Event?) {
    let (step, pool) = (event.step, event.answer.pool)
    let zeros = Tensor(shape: [1] + pool.shape.dropFirst(), precision: pool.precision)
    var written: Set<Int> = []
    for row in event.call.rows {
      guard let slot = row.slot else { continue }
      switch event.call.kind {
      case .verify: break
      case .advance:
        if !row.tokens.isEmpty { written.insert(slot) }
        if row.tokens.isEmpty, row.isFresh {
          written.insert(slot)
          expectState("a fresh row without tokens is zero, \(event.place(row))", pool, slot, zeros, 0)
        }
      case .keep:
        written.insert(slot)
        if row.kept == 0, !row.isFresh {
          expectState("nothing is kept, \(event.place(row))", pool, slot, event.before, slot)
        }
        if row.kept == 0, row.isFresh, last?.hasBegun(row) == true {
          expectState("all is taken back, \(event.place(row))", pool, slot, zeros, 0)
        }
      case .fork:
        written.insert(slot)
        let name = "a fork of slot \(row.source!), \(event.place(row))"
        expectState(name, pool, slot, step.pool, row.source!)
      }
    }
    for slot in 0..<pool.shape[0] where !written.contains(slot) {
      expectState("slot \(slot), which step \(event.call.entry) does not write", pool, slot, step.pool, slot)
    }
    // What was verified begins where the row stood.
    if let history = event.answer.history {
      for (index, row) in event.call.rows.enumerated() where !row.isFresh {
        guard let slot = row.slot else { continue }
        let name = "the state before the tokens, \(event.place(row))"
        expectState(name, history, step.historyOffset(of: index), step.pool, slot)
      }
    }
  }

  private mutating func expectState(
    _ name: String, _ found: Tensor, _ index: Int, _ other: Tensor, _ from: Int
  ) {
    let count = found.shape.dropFirst().reduce(1, *)
    guard !found.hasState(index, of: other, from) else { return pass(count) }
    for i in 0..<count {
      expectSame(
        name, at: [index] + coordinates(of: i, in: Array(found.shape.dropFirst())),
        found.values[index * count + i], other.values[from * count + i])
    }
  }

  /// The same number, infinite ones and NaN included: whether such a one may be there is asked elsewhere.
  private mutating func expectSame(
    _ name: String, at index: @autoclosure () -> [Int], _ found: Double, _ expected: Double
  ) {
    guard found != expected, !(found.isNaN && expected.isNaN) else { return pass(1) }
    expect(name, at: index(), found, near: expected, within: 0, scale: 1)
  }

  /// A call once more, with rows that were at these places the first time.
  fileprivate mutating func compare(
    _ event: SessionRun.Event, with call: Schedule.Call, places: [Int], _ runs: PropertyRuns, exactly: Bool
  ) throws {
    let step = try Step(call, of: runs.problem, pool: event.step.pool, history: nil)
    let other = SessionRun.Event(call: call, step: step, answer: try runs.answer(step), before: event.before)
    for (index, row) in call.rows.enumerated() where row.number != nil && !row.tokens.isEmpty {
      guard let segment = try runs.segment(row, row.tokens.count, from: step.pool) else { continue }
      let count = row.tokens.count
      var results: [(name: String, one: Tensor, other: Tensor, quantity: Quantity)] = [
        ("y", event.readout(places[index], count: count), other.readout(index, count: count), .y)
      ]
      if call.kind == .advance {
        results.append(("state", event.written(row.slot!), other.written(row.slot!), .stateOut))
      }
      for (name, one, other, quantity) in results {
        let place = "\(name), \(event.place(row))"
        if exactly {
          for i in one.values.indices {
            expectSame(place, at: coordinates(of: i, in: one.shape), one.values[i], other.values[i])
          }
          continue
        }
        let tolerance = runs.tolerance(one, other, quantity, segment)
        let scale = one.largestMagnitude
        for i in one.values.indices {
          expect(
            place, at: coordinates(of: i, in: one.shape), one.values[i], near: other.values[i],
            within: tolerance?.values[i] ?? .infinity, scale: scale)
        }
      }
    }
  }

  /// Tokens that count, in one call of all of them.
  fileprivate mutating func compareReadouts(of event: SessionRun.Event, with y: Tensor, B: Int) {
    let width = y.shape.dropFirst(2).reduce(1, *)
    for (index, row) in event.call.rows.enumerated() where row.number.map({ $0 < B }) ?? false {
      let found = event.readout(index, count: row.kept)
      for (place, token) in row.tokens.prefix(row.kept).enumerated() {
        for i in 0..<width {
          expectSame(
            "y in one call, \(event.place(row))", at: [token.b, token.t, i], found.values[place * width + i],
            y.values[(token.b * y.shape[1] + token.t) * width + i])
        }
      }
    }
  }
}

extension PropertyRuns {
  /// What two answers may be apart.
  fileprivate func tolerance(_ one: Tensor, _ other: Tensor, _ quantity: Quantity, _ segment: Segment)
    -> Tensor?
  {
    let both = [one, other].compactMap { found in
      answer(Evaluation(results: [quantity: found]), segment.check, bounded: true).tolerances[quantity]
    }
    return both.count == 2 ? both[0].adding(both[1]) : nil
  }
}

extension SessionRun.Event {
  /// A state after the call, in the format that it was written in.
  fileprivate func written(_ slot: Int) -> Tensor {
    let state = answer.pool.state(slot)
    guard let format = answer.written else { return state }
    return Tensor(shape: state.shape, precision: format, values: state.values)
  }
}
