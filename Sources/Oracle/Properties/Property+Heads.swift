import GatedDeltaRule

extension Property {
  /// A batch row is computed as if it were alone. Up to: nothing if batching is promised.
  static let rowAlone = Property("row-alone", .cheap, unless: oneRow) { runs, tally in
    let exactly = runs.exactness.contains(.batching)
    let b = runs.draw.integer(below: runs.problem.shape.B)
    var alone = Draft(runs.problem)
    alone.select(.B, [b])
    let expected = try runs.base(bounded: !exactly).selecting(.B, [b])
    let found = try runs.run(alone, bounded: !exactly)
    tally.compare(found, with: expected, ofTokens, exactly: exactly, in: try runs.legal(alone))
  }

  /// Batch rows in another order: answers in that order, the same sums over them. Up to: nothing if batching is
  /// promised, for all but these sums.
  static let rowOrder = Property("row-order", .cheap, unless: oneRow) { runs, tally in
    let exactly = runs.exactness.contains(.batching)
    let order = runs.draw.permutation(runs.problem.shape.B)
    var other = Draft(runs.problem)
    other.select(.B, order)
    let expected = try runs.base(bounded: !exactly).selecting(.B, order)
    let found = try runs.run(other, bounded: !exactly)
    tally.compare(
      found, with: expected, exactly ? ofTokens : Quantity.allCases, exactly: exactly,
      in: try runs.legal(other))
  }

  /// A value head with its key head is computed as if it were alone, but for dq and dk, which are sums over the group.
  /// Up to: nothing if batching is promised.
  static let headAlone = Property(
    "head-alone", .cheap, unless: { $0.shape.Hv < 2 ? "one value head" : nil }
  ) { runs, tally in
    let exactly = runs.exactness.contains(.heads)
    let shape = runs.problem.shape
    let h = runs.draw.integer(below: shape.Hv)
    var alone = Draft(runs.problem)
    alone.select(.Hv, [h])
    alone.select(.Hk, [h / shape.groupSize])
    let expected = try runs.base(bounded: !exactly).selecting(.Hv, [h]).selecting(.Hk, [h / shape.groupSize])
    let found = try runs.run(alone, bounded: !exactly)
    let comparable = Quantity.allCases.filter { shape.groupSize == 1 || ![.dq, .dk].contains($0) }
    tally.compare(found, with: expected, comparable, exactly: exactly, in: try runs.legal(alone))
  }

  /// A key head that is written out once for each of its value heads: the same outputs, and dq, dk that add up over
  /// the group. Up to: nothing for all but dq and dk, if that is promised.
  static let sharedKeys = Property("shared-keys", .cheap, unless: groupOfOne) { runs, tally in
    let shape = runs.problem.shape
    var separate = Draft(runs.problem)
    separate.select(.Hk, (0..<shape.Hv).map { $0 / shape.groupSize })
    let exactly = runs.exactness.contains(.heads)
    let base = try runs.base(bounded: true)
    let found = try runs.run(separate, bounded: true).summing([.dq, .dk], .Hk, by: shape.groupSize)
    tally.compareSums([.dq, .dk], found, with: base, restExactly: exactly, in: runs.problem)
  }

  /// Value heads inside a group in another order: answers in that order, the same dq and dk. Up to: nothing for all
  /// but dq and dk, if that is promised.
  static let orderInGroup = Property("order-in-group", .cheap, unless: groupOfOne) { runs, tally in
    let shape = runs.problem.shape
    let order = (0..<shape.Hk).flatMap { group in
      runs.draw.permutation(shape.groupSize).map { group * shape.groupSize + $0 }
    }
    var other = Draft(runs.problem)
    other.select(.Hv, order)
    let exactly = runs.exactness.contains(.heads)
    let expected = try runs.base(bounded: true).selecting(.Hv, order)
    let found = try runs.run(other, bounded: true)
    tally.compareSums([.dq, .dk], found, with: expected, restExactly: exactly, in: runs.problem)
  }

  /// Whole groups, key head and value heads together, in another order: answers in that order. Up to: nothing if
  /// batching is promised.
  static let groupOrder = Property(
    "group-order", .cheap, unless: { $0.shape.Hk < 2 ? "one key head" : nil }
  ) { runs, tally in
    let shape = runs.problem.shape
    let order = runs.draw.permutation(shape.Hk)
    let heads = order.flatMap { group in (0..<shape.groupSize).map { group * shape.groupSize + $0 } }
    var other = Draft(runs.problem)
    other.select(.Hk, order)
    other.select(.Hv, heads)
    let exactly = runs.exactness.contains(.heads)
    let expected = try runs.base(bounded: !exactly).selecting(.Hk, order).selecting(.Hv, heads)
    let found = try runs.run(other, bounded: !exactly)
    tally.compare(found, with: expected, Quantity.allCases, exactly: exactly, in: runs.problem)
  }

  private static let ofTokens = Quantity.allCases.filter { !$0.isSumOverTokens }

  @Sendable private static func oneRow(_ problem: Problem) -> String? {
    problem.shape.B < 2 ? "one batch row" : nil
  }

  @Sendable private static func groupOfOne(_ problem: Problem) -> String? {
    problem.shape.groupSize < 2 ? "one value head to a key head" : nil
  }
}

extension PropertyTally {
  /// Quantities whose order of summation differs, within the bounds; the others exactly where that is promised.
  mutating func compareSums(
    _ sums: [Quantity], _ found: Answer, with expected: Answer, restExactly: Bool, in problem: Problem
  ) {
    let rest = Quantity.allCases.filter { !sums.contains($0) }
    compare(found, with: expected, rest, exactly: restExactly, in: problem)
    compare(found, with: expected, sums, exactly: false, in: problem)
  }
}
