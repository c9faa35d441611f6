import GatedDeltaRule
import Implementations
import Testing

/// The largest difference over the tensor's largest element; NaN if anything is.
func relativeDifference(_ found: Tensor, _ expected: Tensor) -> Double {
  var largest = 0.0
  for (x, o) in zip(found.values, expected.values) {
    guard (x - o).magnitude <= largest else {
      largest = (x - o).magnitude
      if largest.isNaN { return .nan }
      continue
    }
  }
  return largest == 0 ? 0 : largest / max(expected.largestMagnitude, 1e-300)
}

@Suite struct AgreementTests {
  static let shapes: [Shape] = [
    (1, 0, 1, 2, 3, 2), (1, 1, 1, 1, 1, 1), (2, 2, 2, 4, 3, 5), (2, 15, 1, 3, 8, 4), (1, 17, 2, 6, 5, 9),
    (3, 63, 2, 4, 4, 3), (2, 64, 1, 2, 9, 8), (1, 65, 3, 3, 2, 7), (2, 130, 2, 4, 6, 5),
    (1, 193, 1, 4, 33, 10),
  ].map { try! Shape(B: $0.0, T: $0.1, Hk: $0.2, Hv: $0.3, Dk: $0.4, Dv: $0.5) }

  @Test(arguments: shapes, [Level.core, .model])
  func `every implementation in double agrees with the sequential one`(shape: Shape, level: Level) throws {
    for mask in Sample.MaskKind.allCases {
      let problem = try Sample(shape: shape, level: level, mask: mask).problem()
      let request = Request(arithmetic: .double)
      let expected = try #require(Registry.named("sequential")).evaluate(problem, request: request)
      for implementation in Registry.all where implementation.refusal(of: problem) == nil {
        if implementation.declaration.isControl { continue }
        if implementation.declaration.clamp == .logDecay(floor: -20) { continue }
        let found = try implementation.evaluate(problem, request: request)
        for quantity in Quantity.all(at: level) {
          let difference = relativeDifference(
            try #require(found[quantity]), try #require(expected[quantity]))
          #expect(
            difference <= 1e-11, "\(implementation.name) \(quantity.rawValue) \(shape) \(mask): \(difference)"
          )
        }
      }
    }
  }
}
