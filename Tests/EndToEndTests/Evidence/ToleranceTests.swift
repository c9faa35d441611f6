import GatedDeltaRule
import Generator
import Mutants
import Oracle
import Testing

/// Limits for tests that know no bounds.
@Suite struct ToleranceTests {
  private static let recipes = (1...12).compactMap { seed in
    try? Recipe(
      "v1/B1-T24-Hk1-Hv2-Dk8-Dv8/keys=random/decay=-0.1/write=0.5/state=random/dstate=random/bf16/seed=\(seed)"
    )
  }

  private func tolerance() throws -> Tolerance {
    var declaration = Declaration(form: .chunked(length: 16), offersDouble: false)
    declaration.products = .bf16
    return try Tolerance(Self.recipes, declaration)
  }

  @Test func `honest evaluations stay within them, and every result has one`() throws {
    let tolerance = try tolerance()
    #expect(Self.recipes.count == 12)
    #expect(Set(tolerance.limits.keys) == Set(Quantity.all(at: .core)))
    #expect(tolerance.honest == 48)
    #expect(tolerance.falseAlarms <= 2)
    for errors in tolerance.limits.values {
      #expect(errors.absolute > 0 && errors.relative < 0.2 && errors.rms < 0.2 && errors.rms > 1e-4)
    }
  }

  @Test func `a wrong head is seen, and what such inputs do not show is missed`() throws {
    let tolerance = try tolerance()
    let checks = try Self.recipes.prefix(2).map { try CrossCheck($0) }
    func misses(_ name: String) throws -> Bool? {
      let mutant = try #require(Mutant.named(name))
      return tolerance.misses(KnownFault(mutant.name, mutant.fault) { mutant.implementation() }, on: checks)
    }
    #expect(try misses("fused/key-gradient-without-read") == false)
    // Nothing is masked in these inputs.
    #expect(try misses("sequential/mask-late") == true)
  }

  @Test func `an answer that is no number is within no limit`() throws {
    let limits = Tolerance.Errors(Tensor(shape: [2], repeating: 1), Tensor(shape: [2], repeating: 2))
    var found = Tensor(shape: [2], repeating: 2)
    found.values[1] = .nan
    #expect(!Tolerance.Errors(found, Tensor(shape: [2], repeating: 2)).isWithin(limits))
    #expect(
      Tolerance.Errors(Tensor(shape: [2], repeating: 2), Tensor(shape: [2], repeating: 2)).isWithin(limits))
  }
}
