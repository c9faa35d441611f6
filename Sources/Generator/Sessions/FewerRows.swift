import GatedDeltaRule

extension Recipe {
  /// This one without one of its batch rows, whichever it is: of the others its entries go on asking what they did.
  var withoutOneRow: [Recipe] {
    guard let calls, B > 1 else { return [] }
    return (0..<B).reversed().map { row in
      with { ($0.B, $0.calls) = (B - 1, calls.without(row: row, ofAll: B)) }
    }
  }
}

extension Calls {
  /// The same of one batch row less; those behind it have a smaller number then.
  fileprivate func without(row: Int, ofAll B: Int) -> Calls {
    var calls = self
    calls.entries = entries.compactMap { $0.without(row: row, ofAll: B) }
    return calls
  }

  /// The same without rows of padding, and without one row in every entry that has others as well.
  var withFewerNamed: [Calls] {
    let named = Set(entries.flatMap(\.rows))
    return named.sorted { ($0 ?? -1) < ($1 ?? -1) }.map { row in
      var calls = self
      calls.entries = entries.map { entry in
        guard entry.rows.contains(where: { $0 != row }) else { return entry }
        return entry.rows.indices.reversed().filter { entry.rows[$0] == row }.reduce(entry) {
          $0.without(place: $1)
        }
      }
      return calls
    }
  }
}

extension Calls.Entry {
  /// The same without what it asks of the row at one place.
  func without(place: Int) -> Calls.Entry {
    var entry = self
    if counts.count == rows.count { entry.counts.remove(at: place) }
    if accepted.count == rows.count { entry.accepted.remove(at: place) }
    entry.rows.remove(at: place)
    return entry
  }

  /// Nil where it is about this row alone.
  fileprivate func without(row: Int, ofAll B: Int) -> Calls.Entry? {
    if rows.isEmpty {
      if kind == .fork { return row == 0 ? nil : self }
      var entry = self
      if counts.count == B, kind != .undo { entry.counts.remove(at: row) }
      if accepted.count == B { entry.accepted.remove(at: row) }
      return entry
    }
    var entry = rows.firstIndex(of: row).map(without(place:)) ?? self
    entry.rows = entry.rows.map { $0.map { $0 > row ? $0 - 1 : $0 } }
    return entry.rows.isEmpty ? nil : entry
  }
}
