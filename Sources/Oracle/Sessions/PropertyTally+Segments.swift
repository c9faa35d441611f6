import GatedDeltaRule
import Sweep

/// A row of a call beside the rule on its tokens.
extension PropertyTally {
  /// A row that took in tokens.
  mutating func follow(
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
  mutating func keep(_ row: Schedule.Row, of event: SessionRun.Event, _ runs: PropertyRuns) throws {
    guard row.kept > 0, let segment = try runs.segment(row, row.kept, from: event.before) else { return }
    let name = "state with \(row.kept) of \(row.tokens.count) tokens kept, \(event.place(row))"
    expect(name, event.written(row.slot!), .stateOut, of: segment, runs)
  }

  /// That a result is the rule's, within the bound of its segment.
  private mutating func expect(
    _ name: String, _ found: Tensor, _ quantity: Quantity, of segment: CrossCheck, _ runs: PropertyRuns
  ) {
    let answer = runs.answer(Evaluation(results: [quantity: found]), segment, bounded: true)
    let truth = segment.reference(DeclaredGates(clamp: runs.declaration.clamp), gradients: false)
    guard let truth = truth[quantity], let tolerance = answer.tolerances[quantity] else { return }
    expect(name, found, near: truth, within: tolerance)
  }

  /// Element by element.
  mutating func expect(_ name: String, _ found: Tensor, near truth: Tensor, within tolerance: Tensor) {
    let scale = truth.largestMagnitude
    for i in found.values.indices {
      expect(
        name, at: coordinates(of: i, in: found.shape), found.values[i], near: truth.values[i],
        within: tolerance.values[i], scale: scale)
    }
  }
}
