import GatedDeltaRule

extension Specimen {
  /// A step of five slots, of which no row has 1 and 4, the last: two rows with tokens, between them one of padding and one
  /// that is fresh and has none.
  static func step(
    _ kind: Step.Kind, isPadded: Bool = false, wantsHistory: Bool = false, level: Level, decay: DecayKind,
    contract: Contract
  ) -> Step {
    if kind == .fork { return fork(level: level, decay: decay, contract: contract) }
    let (slots, counts) = ([3, nil, 2, 0] as [Int?], [3, 1, 0, 2])
    let rows = slots.indices.map { index in
      Step.Row(
        slot: slots[index], tokens: counts[index], kept: kind == .keep ? counts[index] / 2 : 0,
        isFresh: index == 2)
    }
    var step = Step(
      kind, rows: rows, isPadded: isPadded, pool: pool(level: level, decay: decay, contract: contract),
      wantsHistory: wantsHistory, contract: contract)
    if kind == .keep {
      step.history = states(
        step.historyShape[0], level: level, decay: decay, contract: contract)
    } else {
      let live = counts.flatMap { count in (0..<3).map { $0 < count } }
      step.tokens = tokens(
        Specimen(
          level: level, decay: decay, B: isPadded ? 4 : 1, T: isPadded ? 3 : 6, contract: contract
        ).problem, mask: isPadded ? Mask(B: 4, T: 3, live: live) : nil)
    }
    return step
  }

  private static func fork(level: Level, decay: DecayKind, contract: Contract) -> Step {
    Step(
      .fork, rows: [Step.Row(slot: 1, source: 3), Step.Row(slot: 4, source: 0)],
      pool: pool(level: level, decay: decay, contract: contract), contract: contract)
  }

  /// The tokens of a problem without states and cotangents.
  private static func tokens(_ problem: Problem, mask: Mask?) -> Problem {
    var primals = problem.primals
    primals.state = nil
    // The same shapes and values as before.
    return try! Problem(
      shape: problem.shape, primals: primals, mask: mask, cotangents: Outputs(), contract: problem.contract)
  }

  private static func states(_ count: Int, level: Level, decay: DecayKind, contract: Contract) -> Tensor {
    Specimen(level: level, decay: decay, B: count, T: 1, contract: contract).problem.primals.state!
  }

  /// States, one of them of a slot that nobody has written and that holds NaN.
  private static func pool(level: Level, decay: DecayKind, contract: Contract) -> Tensor {
    var pool = states(5, level: level, decay: decay, contract: contract)
    let size = pool.values.count / 5
    for i in size..<2 * size { pool.values[i] = .nan }
    return pool
  }
}
