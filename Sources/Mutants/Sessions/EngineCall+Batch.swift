import GatedDeltaRule

/// Rows in a batch, padded at the end and masked.
extension EngineCall {
  mutating func batch(_ states: inout [Tensor]) throws {
    let problem = step.tokens!
    let (T, mask) = (problem.shape.T, mask)
    let before = states
    rememberBeginnings(states)
    let (y, state) = run(try problem.tokens(0..<T, from: Tensor(joining: before), mask: mask))
    self.y = y
    for index in rows.indices { states[index] = state.state(index) }
    guard step.wantsHistory else { return }
    for count in 1..<T + 1 {
      let behind = run(try problem.tokens(0..<count, from: Tensor(joining: before), mask: mask)).state
      for index in rows.indices where count <= rows[index].tokens {
        remember(behind.state(index), at: snapshot(of: index) + count)
      }
    }
  }

  /// Which tokens are real; nil for all.
  private var mask: Mask? {
    let shape = step.tokens!.shape
    switch fault {
    case .paddingAdvances: return nil
    case .maskOfLastCall:
      guard let mask = last.mask, [mask.B, mask.T] == [shape.B, shape.T] else { return step.tokens!.mask }
      return mask
    case .maskAtLeft:
      let live = step.rows.flatMap { row in (0..<shape.T).map { $0 >= shape.T - row.tokens } }
      return Mask(B: shape.B, T: shape.T, live: live)
    case .lengthOfFirstRow:
      let live = step.rows.flatMap { row in
        (0..<shape.T).map { $0 < min(row.tokens, step.rows[0].tokens) && row.slot != nil }
      }
      return Mask(B: shape.B, T: shape.T, live: live)
    default: return step.tokens!.mask
    }
  }
}
