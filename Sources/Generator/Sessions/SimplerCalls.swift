import GatedDeltaRule

extension Calls {
  /// Simpler ones to try, boldest first: none of them may fit the sizes.
  var simpler: [Calls] {
    func with(_ change: (inout Calls) -> Void) -> Calls {
      var calls = self
      change(&calls)
      return calls
    }
    let halves = entries.count > 2 ? [with { $0.entries = Array(entries.prefix(entries.count / 2)) }] : []
    let fewer = entries.indices.reversed().map { index in with { $0.entries.remove(at: index) } }
    let plainer = [
      with { $0.pool = nil }, with { $0.isPadded = false }, with { $0.pool?.filling = .numbers },
      with { $0.pool?.filling = .nan },
    ]
    let tighter = pool.map { pool in
      Recipe.below(pool.slots, least: 1).map { slots in with { $0.pool!.slots = slots } }
    }
    let easier = entries.indices.flatMap { index in
      entries[index].simpler.map { entry in with { $0.entries[index] = entry } }
    }
    return (halves + fewer + withFewerNamed + plainer + (tighter ?? []) + easier).filter {
      $0 != self && !$0.entries.isEmpty
    }
  }

  /// Fewer entries are simpler, then shorter texts, then what is less special.
  static func isSimpler(_ left: Calls, _ right: Calls) -> Bool? {
    if left == right { return nil }
    let (x, y) = (left.complexity, right.complexity)
    return x.lexicographicallyPrecedes(y)
      ? true : y.lexicographicallyPrecedes(x) ? false : left.text < right.text
  }

  private var complexity: [Int] {
    let numbers = entries.flatMap { $0.counts + $0.accepted }
    let kinds = entries.map { Kind.allCases.firstIndex(of: $0.kind)! }
    let rows = entries.reduce(0) { $0 + $1.rows.count + $1.rows.count { $0 == nil } }
    return [
      entries.count, isPadded ? 1 : 0, pool == nil ? 0 : 1,
      pool.map { Calls.Pool.Filling.allCases.firstIndex(of: $0.filling)! } ?? 0, rows,
      numbers.count,
      kinds.reduce(0, +), numbers.reduce(0, +), pool?.slots ?? 0,
    ]
  }
}

extension Calls.Entry {
  /// The same for fewer rows, for all alike, and with smaller numbers.
  fileprivate var simpler: [Calls.Entry] {
    func with(_ change: (inout Calls.Entry) -> Void) -> Calls.Entry {
      var entry = self
      change(&entry)
      return entry
    }
    var entries: [Calls.Entry] = []
    if kind == .verify || kind == .decode {
      entries.append(
        with {
          $0.kind = .prefill
          if kind == .verify { $0.counts = accepted }
          $0.accepted = []
        })
    }
    if !rows.isEmpty {
      entries.append(with { $0.rows = [] })
      entries += rows.indices.map(without(place:)) + withEarlierRows
      let sorted = rows.compactMap(\.self).sorted().map(Int?.some)
      if sorted.count == rows.count { entries.append(with { $0.rows = sorted }) }
    }
    if counts.count > 1 { entries += Set(counts).sorted().map { count in with { $0.counts = [count] } } }
    if accepted.count > 1 {
      entries += Set(accepted).sorted().map { count in with { $0.accepted = [count] } }
    }
    for index in counts.indices {
      entries += Recipe.below(counts[index], least: 0).map { count in with { $0.counts[index] = count } }
    }
    for index in accepted.indices {
      entries += Recipe.below(accepted[index], least: 0).map { count in with { $0.accepted[index] = count } }
    }
    return entries
  }

  /// The same of rows with smaller numbers.
  private var withEarlierRows: [Calls.Entry] {
    rows.indices.flatMap { place in
      (0..<(rows[place] ?? 0)).filter { !rows.contains($0) }.map { row in
        var entry = self
        entry.rows[place] = row
        return entry
      }
    }
  }
}
