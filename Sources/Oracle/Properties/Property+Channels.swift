import GatedDeltaRule

extension Property {
  /// Value channels in another order: y, the final state, dv and the gradient of the initial state in that order, the
  /// rest as before. Up to: nothing for those in that order, if rows are promised; the rest are sums over rows.
  static let valueOrder = Property(
    "value-order", .cheap, unless: { $0.shape.Dv < 2 ? "one value channel" : nil }
  ) { runs, tally in
    let order = runs.draw.permutation(runs.problem.shape.Dv)
    var other = Draft(runs.problem)
    other.select(.Dv, order)
    let expected = try runs.base(bounded: true).selecting(.Dv, order)
    let found = try runs.run(other, bounded: true)
    tally.compareSums(
      sumsOverRows, found, with: expected, restExactly: runs.exactness.contains(.rows), in: runs.problem)
  }

  /// Key channels in another order, the same for keys, queries, states and per-channel decay: answers in that order,
  /// the same y. Up to: the bounds, since every sum over key channels is in another order.
  static let keyOrder = Property(
    "key-order", .cheap, unless: { $0.shape.Dk < 2 ? "one key channel" : nil }
  ) { runs, tally in
    let order = runs.draw.permutation(runs.problem.shape.Dk)
    var other = Draft(runs.problem)
    other.select(.Dk, order)
    let expected = try runs.base(bounded: true).selecting(.Dk, order)
    tally.compare(
      try runs.run(other, bounded: true), with: expected, Quantity.allCases, exactly: false,
      in: runs.problem)
  }

  /// Flipping the sign of key channels in q, k and the states, and of value channels in v, dy and the states, flips
  /// these channels in the answers. Up to: nothing if scaling is promised: no product and no sum changes.
  static let signs = Property("signs", .cheap) { runs, tally in
    let shape = runs.problem.shape
    let keys = (0..<shape.Dk).map { _ in runs.draw.sign() }
    let values = (0..<shape.Dv).map { _ in runs.draw.sign() }
    var other = Draft(runs.problem)
    for input in [Input.q, .k, .stateIn, .dstateOut] {
      other[input] = other[input]?.multiplied(by: keys, axis: 3)
    }
    for input in [Input.v, .dy] { other[input] = other[input]?.multiplied(by: values, axis: 3) }
    for input in [Input.stateIn, .dstateOut] {
      other[input] = other[input]?.multiplied(by: values, axis: 2)
    }
    let exactly = runs.exactness.contains(.scaling)
    let states = [Quantity.stateOut, .dstateIn]
    let expected = try runs.base(bounded: !exactly)
      .signed([.dq, .dk] + states, .Dk, keys).signed([.y, .dv] + states, .Dv, values)
    let found = try runs.run(other, bounded: !exactly)
    tally.compare(found, with: expected, Quantity.allCases, exactly: exactly, in: runs.problem)
  }

  /// Value channels of zeros added: nothing else changes, and what belongs to them is zero. Up to: nothing if rows are
  /// promised.
  static let zeroValues = Property("zero-values", .cheap) { runs, tally in
    let exactly = runs.exactness.contains(.rows)
    try extend(runs, &tally, .Dv, by: [1, 4], exactly: exactly)
  }

  /// Key channels of zeros added: nothing else changes, and what belongs to them is zero. Up to: the bounds.
  static let zeroKeys = Property(
    "zero-keys", .cheap, unless: { $0.contract.scale == .rsqrt ? "the scale depends on Dk" : nil }
  ) { runs, tally in
    try extend(runs, &tally, .Dk, by: [1, 32], exactly: false)
  }

  /// By the first of these counts that the implementation takes.
  private static func extend(
    _ runs: PropertyRuns, _ tally: inout PropertyTally, _ axis: Axis, by counts: [Int], exactly: Bool
  ) throws {
    for (position, count) in counts.enumerated() {
      let places = (0..<runs.problem.shape[axis]).map { $0 } + [Int?](repeating: nil, count: count)
      var wider = Draft(runs.problem)
      wider.select(axis, places)
      let problem = try runs.legal(wider)
      let isLast = position == counts.count - 1
      guard isLast || runs.implementation.refusal(of: problem) == nil else { continue }
      let expected = try runs.base(bounded: !exactly).selecting(axis, places)
      let found = try runs.run(wider, bounded: !exactly)
      tally.compare(found, with: expected, Quantity.allCases, exactly: exactly, in: problem)
      return
    }
  }

  /// The rest belongs to one value channel each.
  private static let sumsOverRows = Quantity.allCases.filter {
    ![.y, .stateOut, .dv, .dstateIn].contains($0)
  }
}
