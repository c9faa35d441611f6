import GatedDeltaRule
import Generator
import Implementations
import Machine
import Testing

import Kernels

/// The same sources compiled for wider vectors.
@Suite struct WideTests {
  /// What this processor can run.
  private static let compiled = Processor.Vectors.allCases.filter {
    $0 > .narrow && $0 <= Processor.available
  }

  @Test(arguments: compiled, [Request.Arithmetic.working, .double])
  func `wide vectors change no bit`(vectors: Processor.Vectors, arithmetic: Request.Arithmetic) throws {
    var compared = 0
    for index in 0..<60 {
      let problem = try Recipe.draw(seed: 11, index: UInt64(index), profile: .standard).render()
      for (wide, portable) in zip(Registry.compiled(for: vectors), Catalogue.all)
      where wide.refusal(of: problem) == nil {
        let found = try wide.evaluate(problem, request: Request(arithmetic: arithmetic))
        let expected = try portable.evaluate(problem, request: Request(arithmetic: arithmetic))
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

  @Test func `threads change no bit`() throws {
    var compared = 0
    for index in 0..<40 {
      let problem = try Recipe.draw(seed: 12, index: UInt64(index), profile: .standard).render()
      for implementation in Registry.all where implementation.refusal(of: problem) == nil {
        let found = try implementation.evaluate(problem, request: Request(threads: 3))
        let expected = try implementation.evaluate(problem, request: Request())
        for (quantity, tensor) in expected.results {
          #expect(
            found[quantity]?.values.map(\.bitPattern) == tensor.values.map(\.bitPattern),
            "\(implementation.name) \(quantity) at index \(index)")
          compared += 1
        }
      }
    }
    #expect(compared > 1000)
  }
}
