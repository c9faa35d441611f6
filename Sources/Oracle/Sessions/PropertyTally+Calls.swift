import GatedDeltaRule

/// A call beside another that must have the same answer.
extension PropertyTally {
  /// A call once more, with rows that were at these places the first time.
  mutating func compare(
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

  /// The state of a row that took in all of its tokens.
  mutating func compareState(of row: Schedule.Row, after run: SessionRun, with whole: Tensor) {
    guard let number = row.number, let slot = row.slot, let pool = run.events.last?.answer.pool else {
      return
    }
    let (found, expected) = (pool.state(slot), whole.state(number))
    for i in found.values.indices {
      expectSame(
        "state in one call, row \(number), slot \(slot)", at: coordinates(of: i, in: found.shape),
        found.values[i], expected.values[i])
    }
  }

  /// Tokens that count, in one call of all of them.
  mutating func compareReadouts(of event: SessionRun.Event, with y: Tensor, B: Int) {
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
  fileprivate func tolerance(_ one: Tensor, _ other: Tensor, _ quantity: Quantity, _ segment: CrossCheck)
    -> Tensor?
  {
    let both = [one, other].compactMap { found in
      answer(Evaluation(results: [quantity: found]), segment, bounded: true).tolerances[quantity]
    }
    return both.count == 2 ? both[0].adding(both[1]) : nil
  }
}
