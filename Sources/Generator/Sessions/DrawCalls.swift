import GatedDeltaRule

extension Recipe {
  /// In a share of the cases, decided apart from everything else, an engine gets the tokens in several calls.
  mutating func drawCalls(_ profile: Profile, seed: UInt64, index: UInt64) {
    let place = Address(seed: seed, name: "calls").at(Int(truncatingIfNeeded: index))
    guard place.uniform < profile.sessionShare else { return }
    // Without its mask it would be another than the one that was proved exact.
    if isExact, mask != .none { return }
    // "calls" in ASCII: other choices than those of the case.
    var lot = Lot(seed: seed ^ 0x6361_6c6c_73, index: index)
    (mask, pad) = (.none, .zeros)
    // More rows would be others than those that were proved exact.
    if B == 1, !isExact, lot.chance(0.6) {
      let rows = lot.chance(0.15) ? min(8, lot.integer(5...10)) : lot.integer(2...4)
      if rows * T * Hv * Dk * Dv <= profile.work, rows * elementCount <= Limit.elements { B = rows }
    }
    var draft = CallsDraft(rows: B, tokens: T, hasState: state != .none, chunk: profile.steeringChunk)
    calls = draft.calls(&lot)
    self = fitted()
  }
}

/// What an engine is asked, entry by entry, and where each row stands meanwhile.
private struct CallsDraft {
  private let B: Int, T: Int
  private let edges: [Int]
  private var positions: [Int]
  /// Rows that have a state.
  private var begun: Set<Int>
  private var entries: [Calls.Entry] = []

  init(rows: Int, tokens: Int, hasState: Bool, chunk: Int?) {
    (B, T, positions) = (rows, tokens, [Int](repeating: 0, count: rows))
    begun = hasState ? Set(0..<rows) : []
    // One before and one behind the edges of chunks.
    edges = [16, 32, 64, chunk ?? 64].flatMap { [$0 - 1, $0, $0 + 1] }
  }

  mutating func calls(_ lot: inout Lot) -> Calls {
    prefill(&lot)
    for _ in 0..<lot.integer(1...4) {
      switch lot.one(weighing: [Calls.Kind.verify: 4, .decode: 4, .prefill: 3, .undo: 2, .fork: 1]) {
      case .verify: verify(&lot)
      case .decode: decode(&lot)
      case .prefill: prefill(&lot)
      case .undo: undo(&lot)
      case .fork: fork(&lot)
      }
    }
    if lot.chance(0.5) { decode(&lot) }
    let forks = positions.count - B
    var calls = Calls(entries, isPadded: lot.chance(0.25))
    if lot.chance(0.6) {
      calls.pool = Calls.Pool(
        slots: B + forks + lot.integer(0...4), filling: lot.one(weighing: [.numbers: 3, .nan: 2, .inf: 1]))
    }
    return calls
  }

  /// Some or all of the rows, in some order, with padding between them now and then.
  private func rows(_ lot: inout Lot) -> [Int?] {
    var rows: [Int?] = positions.indices.map { $0 }
    if lot.chance(0.5) { return Array(rows.prefix(B)) }
    rows = rows.filter { _ in lot.chance(0.75) }
    if rows.isEmpty { rows = [lot.integer(0...positions.count - 1)] }
    if lot.chance(0.5) { rows.reverse() }
    if lot.chance(0.4) { rows.insert(nil, at: lot.integer(0...rows.count)) }
    if lot.chance(0.1) { rows.insert(nil, at: lot.integer(0...rows.count)) }
    return rows
  }

  /// As an entry writes them: nothing for all in their order, and one number where all have the same.
  private mutating func add(_ kind: Calls.Kind, _ counts: [Int], accepted: [Int] = [], _ rows: [Int?]) {
    func short(_ numbers: [Int]) -> [Int] { Set(numbers).count == 1 ? [numbers[0]] : numbers }
    let isAll = rows == (0..<B).map { Int?.some($0) }
    entries.append(Calls.Entry(kind, short(counts), accepted: short(accepted), rows: isAll ? [] : rows))
  }

  private func left(_ row: Int?) -> Int { row.map { T - positions[$0] } ?? T }

  private mutating func take(_ rows: [Int?], _ counts: [Int], begins: Bool = true) {
    for (row, count) in zip(rows, counts) {
      guard let row else { continue }
      positions[row] += count
      if begins || count > 0 { begun.insert(row) }
    }
  }

  private mutating func prefill(_ lot: inout Lot) {
    let rows = rows(&lot)
    let isRagged = lot.chance(0.6)
    let common = lot.one(of: edges)
    let counts = rows.map { row in
      let left = left(row)
      if lot.chance(0.1) { return 0 }
      let usual = common <= left && lot.chance(0.5) ? common : max(1, left / 2)
      return min(left, isRagged ? lot.integer(0...usual) : usual)
    }
    add(.prefill, counts, rows)
    take(rows, counts)
  }

  private mutating func decode(_ lot: inout Lot) {
    let rows = rows(&lot).filter { left($0) > 0 }
    guard !rows.isEmpty else { return }
    let count = min(lot.integer(1...3), rows.map(left).min() ?? 0)
    add(.decode, [count], rows)
    take(rows, [Int](repeating: count, count: rows.count))
  }

  private mutating func verify(_ lot: inout Lot) {
    let rows = rows(&lot)
    guard T > 0 else { return }
    let most = lot.chance(0.15) ? 16 : 4
    let (common, isRagged) = (lot.integer(1...most), lot.chance(0.4))
    let drafts = rows.map { _ in isRagged ? lot.integer(1...most) : common }
    let acceptsAll = lot.chance(0.25)
    let accepted = zip(rows, drafts).map { row, drafts in
      min(left(row), acceptsAll ? drafts : lot.one(of: [0, drafts, lot.integer(0...drafts)]))
    }
    add(.verify, drafts, accepted: accepted, rows)
    take(rows, accepted, begins: false)
  }

  private mutating func undo(_ lot: inout Lot) {
    guard let last = entries.last, last.kind != .undo, last.kind != .fork else { return }
    let back = lot.integer(1...3)
    let rows = last.rows.isEmpty ? (0..<B).map { Int?.some($0) } : last.rows
    for (place, row) in rows.enumerated() {
      guard let row else { continue }
      let numbers = last.kind == .verify ? last.accepted : last.kind == .decode ? [1] : last.counts
      positions[row] -= min(back, numbers.count == 1 ? numbers[0] : numbers[place])
    }
    entries.append(Calls.Entry(.undo, [back]))
  }

  private mutating func fork(_ lot: inout Lot) {
    let sources = begun.sorted().filter { _ in lot.chance(0.5) }.prefix(3)
    guard !sources.isEmpty else { return }
    for row in sources {
      begun.insert(positions.count)
      positions.append(positions[row])
    }
    entries.append(Calls.Entry(.fork, rows: sources.map { $0 }))
  }
}
