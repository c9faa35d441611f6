import GatedDeltaRule

/// The state behind every token of a call, and what is kept of them.
extension EngineCall {
  private var longest: Int { step.rows.map(\.tokens).max() ?? 0 }

  // MARK: written

  /// Where the snapshots of a row begin: one before its first token, and one behind each.
  func snapshot(of index: Int) -> Int {
    fault == .snapshotsRectangular ? index * (longest + 1) : step.historyOffset(of: index)
  }

  /// The states before the first token of each row.
  mutating func rememberBeginnings(_ states: [Tensor]) {
    guard step.wantsHistory, fault != .snapshotBeforeMissing else { return }
    for index in states.indices { remember(states[index], at: snapshot(of: index)) }
  }

  /// The states behind the tokens of a piece.
  mutating func remember(_ piece: Piece, from state: Tensor) throws {
    guard step.wantsHistory else { return }
    for count in 1..<piece.tokens.count + 1 {
      let start = piece.tokens.lowerBound
      let behind = run(try step.tokens!.tokens(start..<start + count, from: state)).state
      remember(behind, at: snapshot(of: piece.row) + piece.place + count)
    }
  }

  mutating func remember(_ state: Tensor, at place: Int) {
    history!.put(state, at: place % history!.shape[0])
  }

  // MARK: read

  /// Each row's slot takes the snapshot behind what it keeps.
  mutating func keep() {
    guard let history = step.history else { return }
    for (index, row) in rows.enumerated() {
      guard let slot = slot(of: index) else { continue }
      if fault == .allAcceptedUnwritten, row.kept == row.tokens { continue }
      pool.put(history.state(place(of: index, in: history)), at: slot)
    }
  }

  /// Which snapshot that is.
  private func place(of index: Int, in history: Tensor) -> Int {
    let row = step.rows[index]
    let (first, count) = (step.historyOffset(of: index), history.shape[0])
    switch fault {
    case .rejectedStay: return first + row.tokens
    case .keepsOneTooMany: return first + min(row.tokens, row.kept + 1)
    case .keepsOneTooFew: return first + max(0, row.kept - 1)
    case .snapshotsFromEnd: return first + row.tokens - row.kept
    case .nothingKeptIsLast where row.kept == 0: return (first + count - 1) % count
    case .acceptedOfFirstRow: return first + min(row.tokens, step.rows[0].kept)
    case .draftsReadRectangular: return min(index * (longest + 1) + row.kept, count - 1)
    case .snapshotsReadBySlot: return ((row.slot ?? 0) * (row.tokens + 1) + row.kept) % count
    default: return first + row.kept
    }
  }

  // MARK: forks

  /// Each row's slot takes the state of another.
  mutating func fork() {
    for row in step.rows {
      guard let slot = row.slot, let source = row.source else { continue }
      switch fault {
      case .forkBackwards: pool.put(pool.state(slot), at: source)
      case .forkOfHalfTheHeads: pool.put(pool.state(source), at: slot, heads: (pool.shape[1] + 1) / 2)
      case .forkShares:
        pool.put(pool.state(source), at: slot)
        memory.use { $0.shared[slot] = source }
      default: pool.put(pool.state(source), at: slot)
      }
    }
  }

  /// What was written to a slot is in the one that shares its memory, as long as both held the same.
  mutating func writeThrough() {
    for (slot, source) in last.shared.sorted(by: { $0.key < $1.key }) {
      guard max(slot, source) < pool.shape[0], step.pool.state(slot) == step.pool.state(source) else {
        continue
      }
      for (one, other) in [(slot, source), (source, slot)] where pool.state(one) != step.pool.state(one) {
        pool.put(pool.state(one), at: other)
        break
      }
    }
  }
}
