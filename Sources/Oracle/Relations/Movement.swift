import GatedDeltaRule

/// How many elements have other bits in one run than in another that has no reason to differ.
package struct Movement: Hashable, Sendable {
  /// Elements of live tokens that both runs have.
  package private(set) var compared = 0
  /// Those that differ.
  package private(set) var moved = 0

  /// The part of the elements that moved.
  package var share: Double { compared == 0 ? 0 : Double(moved) / Double(compared) }

  mutating func add(_ found: Double, _ expected: Double) {
    compared += 1
    if !(found == expected || (found.isNaN && expected.isNaN)) { moved += 1 }
  }
}

extension PropertyTally {
  /// The same, unless an answer to the same problem again moves too: then nothing else is to blame.
  mutating func countMoved(
    _ found: Answer, from expected: Answer, _ quantities: [Quantity], in problem: Problem,
    unlessIn again: () throws -> Answer
  ) throws {
    countMoved(found, from: expected, quantities, in: problem)
    guard movement?.moved ?? 0 > 0 else { return }
    var repeated = PropertyTally(problem.shape)
    repeated.countMoved(try again(), from: expected, quantities, in: problem)
    if repeated.movement?.moved != 0 { movement = nil }
  }

  /// Counts what has other bits, in every live element of these quantities that both sides have.
  mutating func countMoved(
    _ found: Answer, from expected: Answer, _ quantities: [Quantity], in problem: Problem
  ) {
    var movement = movement ?? Movement()
    for quantity in quantities {
      guard let x = found[quantity], let o = expected[quantity] else { continue }
      problem.stretches(of: quantity, count: x.values.count).forEach { elements, isLive in
        guard isLive else { return }
        for i in elements { movement.add(x.values[i], o.values[i]) }
      }
    }
    self.movement = movement
  }
}
