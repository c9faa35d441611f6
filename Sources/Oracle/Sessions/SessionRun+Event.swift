import GatedDeltaRule

extension SessionRun.Event {
  /// Whether its tokens are of several rows.
  var isOfSeveral: Bool {
    call.kind.takesTokens && call.rows.count > 1
      && call.rows.contains { $0.number != nil && !$0.tokens.isEmpty }
  }

  /// `step 3, row 1, slot 4`.
  func place(_ row: Schedule.Row) -> String {
    "step \(call.entry), row \(row.number.map(String.init) ?? "of padding"), slot \(row.slot.map(String.init) ?? "-1")"
  }

  /// Whether a row that was fresh is none afterwards: from then on its slot holds its state, if only zero.
  func hasBegun(_ row: Schedule.Row) -> Bool {
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

  /// A state after the call, in the format that it was written in.
  func written(_ slot: Int) -> Tensor {
    let state = answer.pool.state(slot)
    guard let format = answer.written else { return state }
    return Tensor(shape: state.shape, precision: format, values: state.values)
  }
}
