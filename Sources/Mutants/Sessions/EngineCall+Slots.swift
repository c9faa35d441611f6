import GatedDeltaRule

/// From the pool to the states that rows begin with, and back.
extension EngineCall {
  /// Where the state of a row lies; nil for -1.
  func slot(of index: Int) -> Int? {
    let row = step.rows[index]
    guard let slot = row.slot else { return slotOfPadding }
    switch fault {
    case .slotByRow: return min(index, pool.shape[0] - 1)
    case .slotModuloRows: return slot % step.rows.count
    case .slotsOfLastCall where last.rows.count == step.rows.count:
      return last.rows[index].slot.flatMap { $0 < pool.shape[0] ? $0 : nil }
    case .decodeSlotsFromFront where row.tokens == 1:
      return step.rows[step.rows[..<index].count { $0.tokens == 1 }].slot
    default: return slot
    }
  }

  /// What becomes of -1: nothing.
  private var slotOfPadding: Int? {
    switch fault {
    case .paddingIsLastSlot: pool.shape[0] - 1
    case .paddingIsFirstSlot: 0
    case .paddingIsLastRow: step.rows.last { $0.slot != nil }?.slot
    default: nil
    }
  }

  /// The states that the rows begin with, [1, Hv, Dv, Dk] each.
  func gathered() -> [Tensor] {
    var states = step.rows.indices.map(begin)
    if fault == .statesSortedBySlot {
      states = step.rows.indices.sorted { (step.rows[$0].slot ?? -1) < (step.rows[$1].slot ?? -1) }
        .map { states[$0] }
    }
    return states
  }

  private var zeros: Tensor { Tensor(shape: [1] + pool.shape.dropFirst(), precision: pool.precision) }

  private func begin(_ index: Int) -> Tensor {
    let row = step.rows[index]
    guard let slot = slot(of: index) else { return zeros }
    switch fault {
    case .freshIgnored: return pool.state(slot)
    case .freshTokenTakesState where row.tokens == 1: return pool.state(slot)
    case .freshTimesZero where row.isFresh: return pool.state(slot).scaled(by: 0)
    case .firstStateForFresh where row.isFresh:
      guard let first = step.rows[0].slot, !step.rows[0].isFresh else { return zeros }
      return pool.state(first)
    case .slotOfFirstRow where !row.isFresh:
      return pool.state(step.rows[0].slot ?? slot)
    case .continuedWithoutState where row.tokens > 1: return zeros
    case .statesOfLastBatchSize where !last.rows.isEmpty && index >= last.rows.count: return zeros
    case .slotStrideOfKeyHeads where !row.isFresh:
      let heads = step.tokens.map { $0.shape.Hk } ?? pool.shape[1]
      return pool.state(slot, stride: pool.elements(of: 0).count / pool.shape[1] * heads)
    default: return row.isFresh ? zeros : pool.state(slot)
    }
  }

  /// Puts the states behind the tokens back.
  mutating func scatter(_ states: [Tensor]) {
    if fault == .unwrittenFromThreeRows, step.rows.count >= 3 { return }
    if fault == .othersLost { pool = Tensor(shape: pool.shape, precision: pool.precision) }
    for index in rows.indices {
      let row = rows[index]
      guard let slot = slot(of: index) else { continue }
      var state = states[index]
      switch fault {
      case .emptyRowUnwritten where row.tokens == 0: continue
      case .emptyRowCleared where row.tokens == 0: state = zeros
      case .decodeUnwritten where row.tokens == 1: continue
      case .prefillTransposesState where row.tokens > 1: state = state.transposed
      case .betweenCallsBF16: state = state.rounded(to: .bf16)
      default: break
      }
      pool.put(state, at: slot)
    }
  }
}
