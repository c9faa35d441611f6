import GatedDeltaRule

/// The bits of slots.
extension PropertyTally {
  /// That slots hold the bits that they must.
  mutating func expectSlots(of event: SessionRun.Event, after last: SessionRun.Event?) {
    let (step, pool) = (event.step, event.answer.pool)
    let zeros = Tensor(shape: [1] + pool.shape.dropFirst(), precision: pool.precision)
    var written: Set<Int> = []
    for (index, row) in event.call.rows.enumerated() {
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
        if let history = step.history, history.precision == pool.precision {
          let place = step.historyOffset(of: index) + row.kept
          expectState(
            "the state that was answered behind what is kept, \(event.place(row))", pool, slot, history, place
          )
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
    expectSlots(of: pool, like: step.pool, but: written, "which step \(event.call.entry) does not write")
    // What was verified begins where the row stood.
    if let history = event.answer.history {
      for (index, row) in event.call.rows.enumerated() {
        guard let slot = row.slot else { continue }
        let name = "the state before the tokens, \(event.place(row))"
        let (before, place) = row.isFresh ? (zeros, 0) : (step.pool, slot)
        expectState(name, history, step.historyOffset(of: index), before, place)
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

  /// That slots but for those that were written have the bits that they had.
  mutating func expectSlots(of pool: Tensor, like before: Tensor, but written: Set<Int>, _ why: String) {
    for slot in 0..<pool.shape[0] where !written.contains(slot) {
      expectState("slot \(slot), \(why)", pool, slot, before, slot)
    }
  }

  /// The same number, infinite ones and NaN included: whether such a one may be there is asked elsewhere.
  mutating func expectSame(
    _ name: String, at index: @autoclosure () -> [Int], _ found: Double, _ expected: Double
  ) {
    guard found != expected, !(found.isNaN && expected.isNaN) else { return pass(1) }
    expect(name, at: index(), found, near: expected, within: 0, scale: 1)
  }
}
