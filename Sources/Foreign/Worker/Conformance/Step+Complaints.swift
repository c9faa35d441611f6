import GatedDeltaRule

extension Step {
  /// What is wrong with an answer, whatever the rule is.
  func complaint(of answer: StepAnswer) -> String? {
    let size = pool.values.count / pool.shape[0]
    func hasBits(_ slot: Int, of other: Tensor, _ place: Int) -> Bool {
      (0..<size).allSatisfy { i in
        let (x, o) = (answer.pool.values[slot * size + i], other.values[place * size + i])
        return x.bitPattern == o.bitPattern || (x.isNaN && o.isNaN)
      }
    }
    let written =
      kind == .verify ? [] : rows.filter { $0.isFresh || $0.tokens > 0 || kind == .fork }.map(\.slot)
    for slot in 0..<pool.shape[0] where !written.contains(slot) && !hasBits(slot, of: pool, slot) {
      let all = rows.map { $0.slot ?? -1 }.map(String.init).joined(separator: ",")
      return kind == .verify
        ? "it changes slot \(slot), and a verify changes none"
        : "it changes slot \(slot), which no row has (slots: \(all)); is -1 taken for an index?"
    }
    for (index, row) in rows.enumerated() {
      guard let slot = row.slot else { continue }
      if kind == .keep, !hasBits(slot, of: history!, historyOffset(of: index) + row.kept) {
        return "slot \(slot) is not state cu_seqlens[\(index)] + \(index) + \(row.kept) of history"
      }
      if kind == .fork, !hasBits(slot, of: pool, row.source!) {
        return "slot \(slot) is not what slot \(row.source!) held before"
      }
      if kind == .advance, row.isFresh, row.tokens == 0,
        !answer.pool.values[slot * size..<(slot + 1) * size].allSatisfy({ $0 == 0 })
      {
        return "slot \(slot) of a fresh row without tokens is not zero"
      }
    }
    return nil
  }

  /// In what two answers differ by more than roundings explain, at tokens and states that mean something.
  func difference(_ one: StepAnswer, _ other: StepAnswer) -> String? {
    func differs(_ a: Tensor?, _ b: Tensor?, _ range: Range<Int>) -> Bool {
      guard let a, let b else { return false }
      let scale = range.map { b.values[$0].magnitude }.max() ?? 0
      return !range.allSatisfy { i in
        (a.values[i] - b.values[i]).magnitude <= 0.05 * max(scale, 1e-3)
          || (a.values[i].isNaN && b.values[i].isNaN)
      }
    }
    let size = pool.values.count / pool.shape[0]
    for (index, row) in rows.enumerated() {
      guard let slot = row.slot else { continue }
      if let y = one.y {
        let width = y.shape.dropFirst(2).reduce(1, *)
        let first = (isPadded ? index * y.shape[1] : offsets[index]) * width
        if differs(y, other.y, first..<first + row.tokens * width) {
          return "y of row \(index) is not what plain calls answer"
        }
      }
      if differs(one.pool, other.pool, slot * size..<(slot + 1) * size) {
        return "slot \(slot), of row \(index), does not hold what plain calls leave"
      }
      let first = historyOffset(of: index)
      if differs(one.history, other.history, first * size..<(first + row.tokens + 1) * size) {
        return "the history of row \(index) is not what plain calls leave behind each token"
      }
    }
    return nil
  }
}
