import GatedDeltaRule
import Generator
import Testing

@testable import Implementations

/// The same sources compiled for wider vectors.
@Suite struct WideTests {
  @Test(.enabled(if: Processor.hasAVX2), arguments: [Request.Arithmetic.working, .double])
  func `wide vectors change no bit`(arithmetic: Request.Arithmetic) throws {
    var compared = 0
    for index in 0..<60 {
      let problem = try Recipe.draw(seed: 11, index: UInt64(index), profile: .standard).render()
      for (wide, portable) in zip(Registry.all, Registry.portable) where wide.refusal(of: problem) == nil {
        let found = try wide.evaluate(problem, Request(arithmetic: arithmetic))
        let expected = try portable.evaluate(problem, Request(arithmetic: arithmetic))
        for (quantity, tensor) in expected.results {
          #expect(
            found[quantity]?.values.map(\.bitPattern) == tensor.values.map(\.bitPattern),
            "\(wide.name) \(quantity) at index \(index)")
          compared += 1
        }
      }
    }
    #expect(compared > 1000)
  }
}
