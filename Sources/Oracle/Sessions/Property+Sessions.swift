import GatedDeltaRule

/// What holds of a sequence of calls on a pool of states, each call judged from the states that the implementation itself
/// left there.
extension Property {
  /// Every row of every call is a segment of one sequence: y, the states that it leaves and the states behind each of its
  /// tokens are those of the rule, within the bound of one call.
  static let session = Property("session", .dear, unless: oneCall) { runs, tally in
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
  static let sessionPool = Property("session-pool", .dear, unless: oneCall) { runs, tally in
    var last: SessionRun.Event?
    for event in try runs.sessionRun().events {
      tally.expectSlots(of: event, after: last)
      last = event
    }
  }

  /// A call of several rows has for each what a call of this row alone has.
  static let sessionAlone = Property("session-alone", .dear, unless: oneCall) { runs, tally in
    let exactly = runs.exactness.contains(.batching)
    for event in try runs.sessionRun().events where event.isOfSeveral {
      for index in event.call.rows.indices where event.call.rows[index].number != nil {
        let call = event.call.with(rows: [event.call.rows[index]])
        try tally.compare(event, with: call, places: [index], runs, exactly: exactly)
      }
    }
  }

  /// The order of the rows of a call does not matter.
  static let sessionOrder = Property("session-order", .dear, unless: oneCall) { runs, tally in
    let exactly = runs.exactness.contains(.batching)
    for event in try runs.sessionRun().events where event.isOfSeveral {
      let call = event.call.with(rows: event.call.rows.reversed())
      try tally.compare(event, with: call, places: event.call.rows.indices.reversed(), runs, exactly: exactly)
    }
  }

  /// The same calls from the beginning have the same answers: nothing is left of the first time.
  static let sessionAgain = Property("session-again", .dear, unless: oneCall) { runs, tally in
    let exactly = runs.exactness.contains(.repetition)
    // From the last to the first, so that each comes after another one than the first time.
    for event in try runs.sessionRun().events.reversed() where event.call.kind.takesTokens {
      try tally.compare(
        event, with: event.call, places: Array(event.call.rows.indices), runs, exactly: exactly)
    }
  }

  /// What one call says of all tokens, the final state included, the calls of a session say as well, where splitting is
  /// promised to move no bit. A fork is no part of the one call.
  static let sessionCall = Property("session-call", .dear, unless: oneCall) { runs, tally in
    guard runs.exactness.contains(.splitting), runs.isSequential, runs.problem.contract.state == .fp32 else {
      throw Inapplicable("several calls are not promised the bits of one")
    }
    let whole = try runs.base(bounded: false)
    let run = try runs.sessionRun()
    for event in run.events where event.call.kind.takesTokens {
      tally.compareReadouts(of: event, with: whole[.y]!, B: runs.problem.shape.B)
    }
    for row in run.wholeRows {
      tally.compareState(of: row, after: run, with: whole[.stateOut]!)
    }
  }

  /// Whether it is a law of several calls.
  var isOfCalls: Bool { isOfSession || name == Property.packedGradients.name }

  /// Whether it is about the steps of a session and their pool.
  var isOfSession: Bool { name.hasPrefix("session") }

  @Sendable static func oneCall(_ problem: Problem) -> String? {
    problem.calls == nil ? "the tokens come in one call" : nil
  }
}

extension Schedule.Call {
  fileprivate func with(rows: [Schedule.Row]) -> Schedule.Call {
    var call = self
    call.rows = rows
    return call
  }
}
