import GatedDeltaRule

extension Recipe {
  /// The calls of an engine that its entries come to; nil where it has none, or they do not fit.
  package var schedule: Schedule? {
    calls.flatMap { try? Schedule($0, B: B, T: T, hasState: state != .none) }
  }

  func validateCalls() throws(RecipeError) {
    guard let calls else { return }
    if mask != .none {
      throw RecipeError("calls=\(calls.text)", "a session has no mask: rows are as long as they are")
    }
    if calls.entries.isEmpty { throw RecipeError("calls=\(calls.text)", "no entry") }
    do {
      _ = try Schedule(calls, B: B, T: T, hasState: state != .none)
    } catch {
      throw RecipeError("calls=\(calls.text)", error.description)
    }
    guard poolElements <= Limit.elements else {
      throw RecipeError(
        "calls=\(calls.text)", "\(poolElements) elements of states, more than \(Limit.elements)")
    }
  }

  /// Elements of the pools behind all calls, each with the longest history.
  private var poolElements: Int {
    guard let calls, let schedule else { return 0 }
    let histories = schedule.calls.filter(\.wantsHistory).map { call in
      call.rows.reduce(0) { $0 + $1.tokens.count + 1 }
    }
    // The limits of the sizes keep it from overflowing.
    return (calls.slots(B: B) + (histories.max() ?? 0)) * Hv * Dv * Dk * (schedule.calls.count + 1)
  }

  /// What no longer fits after sizes were made smaller is cut to fit, or gone.
  mutating func fitCalls() {
    guard var calls else { return }
    guard mask == .none else { return self.calls = nil }
    if schedule != nil {
      if poolElements > Limit.elements { self.calls = nil }
      return
    }
    if let pool = calls.pool { calls.pool!.slots = max(pool.slots, B + calls.forks) }
    calls.entries = calls.entries.map { $0.without(rowsFrom: B + calls.forks, ofAll: B) }
    var fitting = calls
    fitting.entries = []
    for entry in calls.entries {
      for smaller in entry.shortened(to: T).flatMap({ [$0] + $0.sparingOneRow(ofAll: B) }) {
        var next = fitting
        next.entries.append(smaller)
        guard (try? Schedule(next, B: B, T: T, hasState: state != .none)) != nil else { continue }
        fitting = next
        break
      }
    }
    self.calls = fitting.entries.isEmpty ? nil : fitting
    if poolElements > Limit.elements { self.calls = nil }
  }
}

extension Calls.Entry {
  /// The same for fewer rows.
  fileprivate func without(rowsFrom end: Int, ofAll B: Int) -> Calls.Entry {
    var entry = self
    let places =
      rows.isEmpty ? Array(0..<B) : rows.indices.filter { place in rows[place].map { $0 < end } ?? true }
    func kept(_ numbers: [Int]) -> [Int] {
      numbers.count <= 1 ? numbers : places.filter(numbers.indices.contains).map { numbers[$0] }
    }
    (entry.counts, entry.accepted) = (kept(counts), kept(accepted))
    if !rows.isEmpty { entry.rows = places.map { rows[$0] } }
    return entry
  }

  /// The same without tokens for one of its rows, which may have none left.
  fileprivate func sparingOneRow(ofAll B: Int) -> [Calls.Entry] {
    let places = rows.isEmpty ? B : rows.count
    guard kind == .prefill, places > 1, counts.count == 1 || counts.count == places else { return [] }
    return (0..<places).map { place in
      var entry = self
      entry.counts = (0..<places).map { $0 == place ? 0 : counts[counts.count == 1 ? 0 : $0] }
      return entry
    }
  }

  /// The same with no number past a size, then with ever fewer tokens.
  fileprivate func shortened(to T: Int) -> [Calls.Entry] {
    var shorter: [Calls.Entry] = []
    var most = max(T, 0)
    while true {
      var entry = self
      entry.counts = counts.map { min($0, most) }
      entry.accepted = zip(accepted, accepted.indices).map { number, place in
        min(
          number, entry.counts.count == 1 ? entry.counts[0] : entry.counts[min(place, entry.counts.count - 1)]
        )
      }
      shorter.append(entry)
      if most == 0 { return shorter }
      most /= 2
    }
  }
}
