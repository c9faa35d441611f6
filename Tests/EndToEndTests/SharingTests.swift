import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Testing

@Suite struct SharingTests {
  /// The accused share references, bounds and what properties turn the problem into.
  @Test func `who was heard before changes nothing`() throws {
    let accused = try ["sequential", "chunked-stable", "fused"].map { try #require(Registry.named($0)) }
    for index in 0..<UInt64(12) {
      let recipe = Recipe.draw(seed: 3, index: index, profile: .small)
      let together = try hear(recipe, accused)
      try #require(together.count == accused.count)
      for (one, statement) in zip(accused, together) {
        let alone = try #require(try hear(recipe, [one]).first)
        #expect(alone.judgement == statement.judgement)
        #expect(alone.properties == statement.properties)
        #expect(alone.violation?.violation == statement.violation?.violation)
      }
    }
  }

  private func hear(_ recipe: Recipe, _ accused: [any Implementation]) throws -> [Court.Statement] {
    var court = Court(accused: accused)
    court.checksEveryProperty = true
    return try court.hear(recipe).statements
  }
}
