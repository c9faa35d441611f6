import GatedDeltaRule

extension Tensor {
  /// The bits of every value: equal for equal zeros of one sign, and for the same NaN.
  public var bits: [UInt64] { values.map(\.bitPattern) }

  /// The largest difference over the largest magnitude of the expected tensor; NaN if any value of the two is, or if
  /// their shapes differ.
  public func relativeDifference(from expected: Tensor) -> Double {
    guard shape == expected.shape else { return .nan }
    var largest = 0.0
    for (x, o) in zip(values, expected.values) {
      let difference = (x - o).magnitude
      if difference.isNaN { return .nan }
      largest = max(largest, difference)
    }
    return largest == 0 ? 0 : largest / max(expected.largestMagnitude, 1e-300)
  }
}

extension Evaluation {
  /// The bits of every result.
  public var bits: [Quantity: [UInt64]] { results.mapValues(\.bits) }
}
