import GatedDeltaRule

/// How much of a result a planted fault multiplies by 1 + f.
package enum FaultExtent: String, Sendable, CaseIterable {
  /// One element, another one in every case.
  case element
  /// A row of the last dimension, another one in every case: the channels of one head of one token or of one row of a
  /// state, the heads of one token of a gate, all of a parameter.
  case row
  /// All of it.
  case all
}

extension FaultExtent {
  /// The elements that a fault multiplies in one result of one case: drawn among those that are neither masked
  /// nor so small that they underflow. Empty where there are none.
  ///
  /// - Parameters:
  ///   - reference: the values of the result.
  ///   - seed: that of the case.
  func elements(of quantity: Quantity, _ reference: Tensor, on problem: Problem, seed: UInt64) -> [Int] {
    let values = reference.values
    let tokens = max(1, problem.shape.B * problem.shape.T)
    let live = quantity.isPerToken ? problem.mask?.live : nil
    let width = max(1, values.count / tokens)
    let sound = values.indices.filter { i in
      values[i].magnitude >= 0x1p-100 && values[i].isFinite && live.map { $0[i / width] } ?? true
    }
    guard !sound.isEmpty else { return [] }
    var draw = Draw(seed: seed, name: "fault in \(quantity.rawValue)")
    let drawn = draw.element(of: sound)
    switch self {
    case .element: return [drawn]
    case .all: return sound
    case .row:
      let length = max(1, reference.shape.last ?? 1)
      return sound.filter { $0 / length == drawn / length }
    }
  }
}
