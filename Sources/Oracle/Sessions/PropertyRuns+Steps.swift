import GatedDeltaRule
import Sweep

/// From a call to what it may be off by.
extension PropertyRuns {
  /// One call, whose answer has every part and shape that it must have.
  func answer(_ step: Step) throws -> StepAnswer {
    evaluations += 1
    if let reason = implementation.refusal(of: problem) { throw Inapplicable(Inapplicable.refused + reason) }
    guard arithmetic == .double || !problem.needsDouble else { throw Inapplicable("the inputs need fp64") }
    let answer = try Self.asking(step.tokens ?? problem) {
      try implementation.answer(step, request: Request(arithmetic: arithmetic, gradients: false))
    }
    func expect(_ name: String, _ tensor: Tensor?, _ shape: [Int]) throws {
      guard let tensor else { throw NoAnswer(to: problem, "\(step.kind.rawValue): \(name) is missing") }
      guard tensor.shape == shape else {
        throw NoAnswer(
          to: problem, "\(step.kind.rawValue): \(name) has shape \(tensor.shape), expected \(shape)")
      }
    }
    try expect("pool", answer.pool, step.pool.shape)
    if let tokens = step.tokens { try expect("y", answer.y, tokens.shape.value) }
    if step.wantsHistory { try expect("history", answer.history, step.historyShape) }
    for (quantity, shape) in step.gradientShapes {
      // A row that began with nothing may have no gradient by it.
      let mayBeMissing = quantity == .dstateIn || declaration.withoutGradients.contains(quantity)
      if mayBeMissing, answer.gradients[quantity] == nil { continue }
      try expect(quantity.rawValue, answer.gradients[quantity], shape)
    }
    return answer
  }

  /// The rule on tokens of one row, and what an answer to them may be off by; nil where there is no state to go on from,
  /// or where the length of a call, which need not be that of the row, decides which rule it is.
  func segment(_ row: Schedule.Row, _ count: Int, from pool: Tensor) throws -> CrossCheck? {
    let state = row.isFresh ? nil : row.slot.map(pool.state)
    // What is no number is no state to go on from: whether it may be none is asked where it was left.
    guard state?.isFinite ?? true else { return nil }
    let check = CrossCheck(try problem.segment(row.tokens.prefix(count), from: state))
    let floors = [declaration.clamp, declaration(of: check).clamp]
    if floors.contains(where: { $0.hasTwoRules && check.reaches($0) }) { return nil }
    mind(check)
    return check
  }
}

extension Tensor {
  /// One state of several, [1, Hv, Dv, Dk].
  func state(_ index: Int) -> Tensor { selecting([index], axis: 0) }

  /// Whether state `index` has the bits of another one; a NaN is equal to any.
  func hasState(_ index: Int, of other: Tensor, _ otherIndex: Int) -> Bool {
    let count = shape.dropFirst().reduce(1, *)
    return (0..<count).allSatisfy { i in
      let (x, o) = (values[index * count + i], other.values[otherIndex * count + i])
      return x.bitPattern == o.bitPattern || (x.isNaN && o.isNaN)
    }
  }
}
