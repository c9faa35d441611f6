import GatedDeltaRule
import Sweep

/// Laws of the rules that a contract may ask for, each on a problem of its own making.
extension Property {
  /// log g = L sigmoid(...) never leaves [L, 0], whatever its argument: over one live token at which nothing is
  /// written, every entry of a state of ones ends between e^L and 1.
  static let boundedGate = Property(
    "bounded-gate", .cheap,
    unless: {
      $0.leastLogDecay == nil ? "the gate has no bound" : $0.firstLive == nil ? "no live token" : nil
    }
  ) { runs, tally in
    let least = runs.problem.leastLogDecay ?? 0
    var draft = Draft(runs.problem)
    // Which token it is does not matter: its argument is drawn, from one end of the gate to the other.
    draft.select(.T, [nil])
    draft.mask = nil
    draft.fill(.a, t: 0) { runs.draw.sign() * Double(1 << runs.draw.integer(below: 9)) }
    draft.setWrite(false, t: 0)
    var state = draft.zeros(.stateIn)
    for i in state.values.indices { state.values[i] = 1 }
    (draft[.stateIn], draft[.dy], draft[.dstateOut]) = (state, nil, nil)
    let answer = try runs.run(draft, bounded: true, gradients: false)
    guard let end = answer[.stateOut] else { throw Inapplicable("the final state is not answered") }
    let tolerances = answer.entries(.stateOut).tolerances
    for (i, g) in end.values.enumerated() {
      tally.expect(
        "g in [e^L, 1]", at: coordinates(of: i, in: end.shape), g, near: min(max(g, .exp(least)), 1),
        within: tolerances[i], scale: 1)
    }
  }

  /// x / sqrt(<x, x> + epsilon) does not change when x is scaled, if epsilon is nothing beside <x, x>: with q and k
  /// made so long, and then q times 2^6 and k times 2^3, the same outputs and gradients, but for dq, which is 2^-6
  /// times as large, and dk, 2^-3.
  static let normalisedScale = Property(
    "normalised-scale", .dear,
    unless: { $0.contract.queryKey == .given ? "q and k are not normalised" : nil }
  ) { runs, tally in
    guard case .l2norm(let epsilon) = runs.problem.contract.queryKey else { return }
    // epsilon over <x, x> is below what even fp64 rounds.
    let least = max(epsilon, 0x1p-40) * 0x1p56
    var long = Draft(runs.problem)
    long[.q] = lengthened(runs.problem.primals.q, to: least)
    long[.k] = lengthened(runs.problem.primals.k, to: least)
    var longer = long
    longer[.q] = long[.q]?.multiplied(by: 0x1p6)
    longer[.k] = long[.k]?.multiplied(by: 0x1p3)
    for input in [Input.q, .k] {
      // A row of zeros has no length, whatever it is multiplied by.
      if hasZeroRow(runs, input) { throw Inapplicable("a row of \(input.rawValue) is zero") }
      for draft in [long, longer] {
        try requireExact(draft[input].map(runs.problem.liveOnly), "lengthened \(input.rawValue)")
      }
    }
    let expected = try runs.run(long, bounded: true).scaled([.dq], by: 0x1p-6).scaled([.dk], by: 0x1p-3)
    let found = try runs.run(longer, bounded: true)
    tally.compare(found, with: expected, Quantity.allCases, exactly: false, in: try runs.legal(longer))
  }

  /// I - (2 - beta) k k^T = (I - beta k k^T)(I - 2 k k^T): where keys are units and nothing but the initial state is
  /// there, 2 - beta in place of beta turns the part of the state along a key round at each write. At model level
  /// 2 sigmoid(-b) = 2 - 2 sigmoid(b). With one-hot keys and queries it is a sign of each column of the state.
  static let reflections = Property(
    "reflections", .dear,
    unless: {
      $0.contract.write == .sigmoid
        ? "beta does not pass 1" : $0.contract.queryKey == .given ? nil : "q and k are normalised"
    }
  ) { runs, tally in
    let shape = runs.problem.shape
    var draft = Draft(runs.problem)
    let columns = (0..<shape.T).map { _ in runs.draw.integer(below: shape.Dk) }
    let reads = (0..<shape.T).map { _ in runs.draw.integer(below: shape.Dk) }
    (draft[.k], draft[.q]) = (oneHot(columns, like: draft[.k]!), oneHot(reads, like: draft[.q]!))
    for t in 0..<shape.T { draft.fill(.v, t: t) { 0 } }
    var state = draft.zeros(.stateIn)
    for i in state.values.indices { state.values[i] = runs.draw.eighth() }
    (draft[.stateIn], draft[.dy], draft[.dstateOut]) = (state, nil, nil)
    let isCore = draft.level == .core
    for t in 0..<shape.T {
      draft.fill(draft.writeInput, t: t) { isCore ? 1 + runs.draw.eighth() : 4 * runs.draw.eighth() }
    }
    var turned = draft
    turned[draft.writeInput] = draft[draft.writeInput].map { tensor in
      Tensor(
        shape: tensor.shape, precision: tensor.precision, values: tensor.values.map { isCore ? 2 - $0 : -$0 })
    }
    let (one, other) = (
      try runs.run(draft, bounded: true, gradients: false),
      try runs.run(turned, bounded: true, gradients: false)
    )
    guard one[.y] != nil, one[.stateOut] != nil, other[.y] != nil, other[.stateOut] != nil else {
      throw Inapplicable("y or the final state is not answered")
    }
    for b in 0..<shape.B {
      var signs = [Double](repeating: 1, count: shape.Dk)
      for t in 0..<shape.T where runs.problem.isLive(b, t) {
        signs[columns[t]] *= -1
        let first = (b * shape.T + t) * shape.Hv * shape.Dv
        for i in first..<first + shape.Hv * shape.Dv {
          tally.expectTurned(.y, i, one, other, by: signs[reads[t]])
        }
      }
      let size = shape.Hv * shape.Dv * shape.Dk
      for i in b * size..<(b + 1) * size {
        tally.expectTurned(.stateOut, i, one, other, by: signs[i % shape.Dk])
      }
    }
  }

  /// Each row of the last axis times the power of two that brings its squared length to `least`, or just above; a row
  /// of zeros stays.
  private static func lengthened(_ tensor: Tensor, to least: Double) -> Tensor {
    var copy = tensor
    let width = tensor.shape.last ?? 1
    for row in stride(from: 0, to: copy.values.count, by: max(1, width)) {
      let largest = copy.values[row..<row + width].reduce(0) { max($0, $1.magnitude) }
      guard largest > 0, largest.isFinite else { continue }
      let factor = Double(sign: .plus, exponent: (least.squareRoot() / largest).exponent + 1, significand: 1)
      for i in row..<row + width { copy.values[i] *= factor }
    }
    return copy
  }

  /// Whether all of a live row of q or k is zero.
  private static func hasZeroRow(_ runs: PropertyRuns, _ input: Input) -> Bool {
    let shape = runs.problem.shape
    let values = Draft(runs.problem)[input]?.values ?? []
    return (0..<shape.B * shape.T * shape.Hk).contains { row in
      let token = row / shape.Hk
      return runs.problem.isLive(token / shape.T, token % shape.T)
        && values[row * shape.Dk..<(row + 1) * shape.Dk].allSatisfy { $0 == 0 }
    }
  }

  /// Each token's rows hold a one in that token's column, [B, T, H, D].
  private static func oneHot(_ columns: [Int], like tensor: Tensor) -> Tensor {
    var copy = Tensor(shape: tensor.shape, precision: tensor.precision)
    let (T, H, D) = (tensor.shape[1], tensor.shape[2], tensor.shape[3])
    for row in 0..<tensor.shape[0] * T * H { copy.values[row * D + columns[row / H % T]] = 1 }
    return copy
  }
}

extension PropertyTally {
  /// An element of the second answer is that of the first times a sign.
  fileprivate mutating func expectTurned(
    _ quantity: Quantity, _ i: Int, _ one: Answer, _ other: Answer, by sign: Double
  ) {
    let (given, turned) = (one.entries(quantity)[i], other.entries(quantity)[i])
    expect(
      quantity.rawValue, at: coordinates(of: i, in: one[quantity]!.shape), turned.value,
      near: sign * given.value,
      within: given.tolerance + turned.tolerance, scale: 1)
  }
}
