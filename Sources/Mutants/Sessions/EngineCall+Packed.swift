import GatedDeltaRule

/// Rows one after the other, each from `cu_seqlens` to `cu_seqlens`.
extension EngineCall {
  /// What the kernel takes at once: a whole row, or a chunk of one.
  struct Piece {
    let row: Int
    /// Where its tokens lie.
    var tokens: Range<Int>
    /// Where its first is among those of the row.
    let place: Int
  }

  mutating func packed(_ states: inout [Tensor]) throws {
    let problem = step.tokens!
    rememberBeginnings(states)
    var next = 0
    for piece in table() {
      if piece.place == 0 { try begin(piece, in: &states) }
      let (y, state) = run(try atOneToken(problem.tokens(piece.tokens, from: states[piece.row]), piece))
      put(y, at: fault == .scratchByTokens ? next : piece.tokens.lowerBound)
      next += chunkLength ?? y.shape[1]
      try remember(piece, from: states[piece.row])
      states[piece.row] = state
    }
  }

  /// Before the first piece of a row there is nothing left to do.
  private func begin(_ piece: Piece, in states: inout [Tensor]) throws {
    switch fault {
    case .stateFlowsIntoNextRow where piece.row > 0 && rows[piece.row].isFresh,
      .scratchOfThreeRows where piece.row > 1:
      states[piece.row] = states[piece.row - 1]
    case .decayAcrossRows:
      let before = try step.tokens!.tokens(0..<piece.tokens.lowerBound, from: states[piece.row])
      states[piece.row] = run(try before.writingNothing()).state
    default: break
    }
  }

  /// Tokens of a chunk; nil for rows in one go.
  private var chunkLength: Int? {
    if case .chunk(let length, _) = kernel.form { length } else { nil }
  }

  /// Where the tokens of each row begin, and where the last end.
  private var offsets: [Int] {
    let total = step.offsets.last!
    switch fault {
    case .offsetsRectangular: return step.offsets.indices.map { $0 * total / step.rows.count }
    case .offsetsOfLastCall where last.rows.count == step.rows.count && last.offsets.last == total:
      return last.offsets
    case .emptyRowsSkipped:
      let some = step.rows.filter { $0.tokens > 0 }.reduce(into: [0]) { $0.append($0.last! + $1.tokens) }
      return some + [Int](repeating: total, count: step.offsets.count - some.count)
    default: return step.offsets
    }
  }

  /// The pieces in the order of the rows.
  private func table() -> [Piece] {
    let offsets = offsets
    if fault == .chunksCountedInTokens { return tableByTokens(offsets) }
    return rows.indices.filter { slot(of: $0) != nil }.flatMap { row in
      let count = tokensTaken(offsets[row + 1] - offsets[row])
      let (start, length) = (offsets[row], chunkLength ?? max(1, count))
      return stride(from: 0, to: count, by: length).map { place in
        let end = fault == .tailOverruns ? place + length : min(place + length, count)
        return Piece(
          row: row, tokens: start + place..<min(start + end, step.offsets.last!), place: place)
      }
    }
  }

  /// How many tokens of a row the table covers: all.
  private func tokensTaken(_ count: Int) -> Int {
    switch fault {
    case .lastTokenAtEdge where count > 1 && count % (chunkLength ?? .max) == 1: count - 1
    case .lengthOfFirstRow: min(count, step.rows[0].tokens)
    default: count
    }
  }

  /// Chunks of all tokens together, each for the row of its first one.
  private func tableByTokens(_ offsets: [Int]) -> [Piece] {
    let (total, length) = (offsets.last!, chunkLength ?? 1)
    return stride(from: 0, to: total, by: length).compactMap { start in
      guard let row = rows.indices.last(where: { offsets[$0] <= start && start < offsets[$0 + 1] }),
        slot(of: row) != nil
      else { return nil }
      return Piece(row: row, tokens: start..<min(start + length, total), place: start - offsets[row])
    }
  }

  /// A row of one token goes another path, which computes the same.
  private func atOneToken(_ problem: Problem, _ piece: Piece) throws -> Problem {
    guard rows[piece.row].tokens == 1 else { return problem }
    switch fault {
    case .decodeWithoutDecay: return try problem.decayingNothing()
    case .decodeWritesWhole: return try problem.writingAll()
    default: return problem
    }
  }

  /// Outputs to their place, as far as there is room.
  private mutating func put(_ outputs: Tensor, at token: Int) {
    let width = outputs.shape.dropFirst(2).reduce(1, *)
    y = y.map { $0.inFormat(outputs.precision) }
    let room = max(0, min(outputs.values.count, y!.values.count - token * width))
    guard room > 0 else { return }
    y!.values.replaceSubrange(token * width..<token * width + room, with: outputs.values.prefix(room))
  }
}
