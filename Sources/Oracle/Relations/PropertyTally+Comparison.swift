import GatedDeltaRule
import Sweep

extension PropertyTally {
  /// Every live element of these quantities, where both sides have them: the same bits, or within the sum of the
  /// tolerances.
  mutating func compare(
    _ found: Answer, with expected: Answer, _ quantities: [Quantity], exactly: Bool, in problem: Problem
  ) {
    for quantity in quantities {
      guard let x = found[quantity], let o = expected[quantity] else { continue }
      let sums = exactly ? nil : tolerances(found, expected, quantity)
      var scale: Double?
      func grade() -> Double {
        let isMasked = quantity.isPerToken && problem.mask != nil
        let known = scale ?? (exactly ? 1 : (isMasked ? problem.liveOnly(o) : o).largestMagnitude)
        scale = known
        return known
      }
      let sides = Sides(found: x.values, expected: o.values, one: sums?.one, other: sums?.other)
      problem.stretches(of: quantity, count: x.values.count).forEach { elements, isLive in
        guard isLive else { return }
        for start in stride(from: elements.lowerBound, to: elements.upperBound, by: 16) {
          let some = start..<min(start + 16, elements.upperBound)
          if let passed, some.count == 16, sides.areNear(some, passed) {
            pass(some.count)
            continue
          }
          for i in some {
            expect(
              quantity.rawValue, at: coordinates(of: i, in: x.shape), sides.found[i], near: sides.expected[i],
              within: sides.tolerance(i), scale: grade())
          }
        }
      }
    }
  }

  private func tolerances(
    _ found: Answer, _ expected: Answer, _ quantity: Quantity
  ) -> (one: [Double], other: [Double]) {
    guard let one = found.tolerances[quantity], let other = expected.tolerances[quantity] else {
      preconditionFailure("no bound for \(quantity)")
    }
    return (one.values, other.values)
  }
}

/// Two answers of one quantity, and what each may be off by; nothing where the same bits are asked for.
private struct Sides {
  let found, expected: [Double]
  let one, other: [Double]?

  func tolerance(_ i: Int) -> Double {
    guard let one, let other else { return 0 }
    return one[i] + other[i]
  }

  /// Whether all of these are numbers whose difference is at most so many times what is allowed.
  func areNear(_ elements: Range<Int>, _ passed: Double) -> Bool {
    let bounded = min(one?.count ?? .max, other?.count ?? .max)
    precondition(elements.upperBound <= min(found.count, expected.count, bounded))
    var areNear = SIMDMask<SIMD4<Int64>>(repeating: true)
    func load(_ values: [Double], _ i: Int) -> Rows {
      values.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: i * 8, as: Rows.self) }
    }
    for i in stride(from: elements.lowerBound, to: elements.upperBound, by: 4) {
      let (x, o) = (load(found, i), load(expected, i))
      var allowed = Rows.zero
      if let one, let other { allowed = load(one, i) + load(other, i) }
      areNear .&= x.magnitude .<= Double.greatestFiniteMagnitude
      areNear .&= o.magnitude .<= Double.greatestFiniteMagnitude
      areNear .&= (x - o).magnitude .<= allowed * passed
    }
    return all(areNear)
  }
}
