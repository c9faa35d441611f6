import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Testing

@Suite struct SharingTests {
  /// Implementations share references, bounds and what properties turn the problem into.
  @Test func `what was evaluated before changes nothing`() throws {
    let implementations = try ["sequential", "chunked-stable", "fused"].map {
      try #require(Registry.named($0))
    }
    for index in 0..<UInt64(12) {
      let recipe = Recipe.draw(seed: 3, index: index, profile: .small)
      let together = try evaluate(recipe, implementations)
      try #require(together.count == implementations.count)
      for (one, result) in zip(implementations, together) {
        let alone = try #require(try evaluate(recipe, [one]).first)
        #expect(alone.judgement == result.judgement)
        #expect(alone.properties == result.properties)
        #expect(alone.brokenProperty == result.brokenProperty)
      }
    }
  }

  private func evaluate(_ recipe: Recipe, _ implementations: [any Implementation]) throws -> [CaseResult] {
    try EvaluatedCase(recipe, by: implementations, properties: .all).results
  }
}
