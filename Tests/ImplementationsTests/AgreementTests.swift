import GatedDeltaRule
import Implementations
import Support
import Testing

@Suite struct AgreementTests {
  static let shapes: [Shape] = DecayKind.allCases.flatMap { decay in
    sizes.map {
      try! Shape(B: $0.0, T: $0.1, Hk: $0.2, Hv: $0.3, Dk: $0.4, Dv: $0.5, decayKind: decay)
    }
  }
  private static let sizes = [
    (1, 0, 1, 2, 3, 2), (1, 1, 1, 1, 1, 1), (2, 2, 2, 4, 3, 5), (2, 15, 1, 3, 8, 4), (1, 17, 2, 6, 5, 9),
    (3, 63, 2, 4, 4, 3), (2, 64, 1, 2, 9, 8), (1, 65, 3, 3, 2, 7), (2, 130, 2, 4, 6, 5),
    (1, 193, 1, 4, 33, 10),
  ]

  /// Honest, with no floor but one that these problems do not reach; the sequential form is what they are held to.
  static let others = Registry.all.filter {
    !$0.declaration.isControl && $0.declaration.clamp != .logDecay(floor: -20) && $0.name != "sequential"
  }

  @Test(arguments: shapes, [Level.core, .model])
  func `every implementation in double agrees with the sequential one`(shape: Shape, level: Level) throws {
    for mask in Sample.MaskKind.allCases {
      let problem = try Sample(shape: shape, level: level, mask: mask, hasState: true, hasCotangents: true)
        .problem
      let request = Request(arithmetic: .double)
      let expected = try #require(Registry.named("sequential")).evaluate(problem, request: request)
      for implementation in Self.others {
        let isTaken = implementation.refusal(of: problem) == nil
        #expect(isTaken == problem.isTaken(byBuiltIn: implementation.name), "\(implementation.name)")
        guard isTaken else { continue }
        let found = try implementation.evaluate(problem, request: request)
        for quantity in Quantity.all(at: level) {
          let difference = try #require(found[quantity]).relativeDifference(
            from: try #require(expected[quantity]))
          #expect(
            difference <= 1e-11, "\(implementation.name) \(quantity.rawValue) \(shape) \(mask): \(difference)"
          )
        }
      }
    }
  }
}
