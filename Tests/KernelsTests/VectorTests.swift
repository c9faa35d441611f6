import GatedDeltaRule
import Generator
import Implementations
import Kernels
import Machine
import Support
import Testing

/// The same sources compiled for wider vectors.
@Suite struct WideTests {
  /// What this processor can run.
  private static let compiled = Processor.Vectors.allCases.filter {
    $0 > .narrow && $0 <= Processor.available
  }

  @Test(
    .enabled(if: !compiled.isEmpty, "the processor has no wider vectors"),
    arguments: compiled, [Request.Arithmetic.working, .double])
  func `wide vectors change no bit`(vectors: Processor.Vectors, arithmetic: Request.Arithmetic) throws {
    let compiled = Registry.compiled(for: vectors).all
    try #require(compiled.map(\.name) == Catalogue.all.map(\.name))
    for index in 0..<60 {
      let problem = try Recipe.draw(seed: 11, index: UInt64(index), profile: .standard).render()
      for (wide, portable) in zip(compiled, Catalogue.all) {
        guard try isTaken(problem, by: portable, wide) else { continue }
        let found = try wide.evaluate(problem, request: Request(arithmetic: arithmetic))
        let expected = try portable.evaluate(problem, request: Request(arithmetic: arithmetic))
        #expect(Set(expected.results.keys) == Set(Quantity.all(at: problem.level)))
        #expect(found.bits == expected.bits, "\(wide.name) at index \(index)")
      }
    }
  }

  /// Whether all take a problem, or none, as they should.
  private func isTaken(_ problem: Problem, by forms: any Implementation...) throws -> Bool {
    let takes = problem.isTaken(byBuiltIn: forms[0].name)
    for form in forms { try #require((form.refusal(of: problem) == nil) == takes, "\(form.name)") }
    return takes
  }

  @Test func `threads change no bit`() throws {
    for index in 0..<40 {
      let problem = try Recipe.draw(seed: 12, index: UInt64(index), profile: .standard).render()
      for implementation in Registry.all where try isTaken(problem, by: implementation) {
        let found = try implementation.evaluate(problem, request: Request(threads: 3))
        let expected = try implementation.evaluate(problem, request: Request())
        #expect(Set(expected.results.keys) == Set(Quantity.all(at: problem.level)))
        #expect(found.bits == expected.bits, "\(implementation.name) at index \(index)")
      }
    }
  }
}
