import GatedDeltaRule
import Generator
import Mutants
import Oracle
import Support
import Testing

/// A residual that is rounded before it is subtracted is named, and a finding where another is declared.
@Suite struct ResidualTests {
  private static let recipe =
    "v1/B2-T18-Hk1-Hv2-Dk8-Dv3/keys=random/decay=-0.4/write=0.9/state=random/dstate=random/mask=holes:0.3/bf16/seed=24"

  private struct Unexpected: Error { let result: PropertyResult }

  /// Says so much of its residual, whatever it does.
  private struct Saying: ImplementationWrapper {
    let base: any Implementation
    let residual: Arrangement.Residual?
    var declaration: Declaration {
      var declaration = base.declaration
      if let residual {
        declaration.arrangement = declaration.arrangement ?? Arrangement()
        declaration.arrangement?.residual = residual
      }
      return declaration
    }
    func declaration(for problem: Problem) -> Declaration { declaration }
  }

  private func runs(_ base: any Implementation, saying residual: Arrangement.Residual? = nil) throws
    -> (PropertyResult, Movement?)
  {
    let property = try #require(Property.named("residual"))
    let runs = PropertyRuns(
      Saying(base: base, residual: residual), on: try Recipe(Self.recipe).render(), seed: 1)
    return (property.check(runs), runs.movements["residual"])
  }

  @Test func `rounded early it is counted, or a finding, or declared`() throws {
    let early = try #require(Mutant.excused.first { $0.name.contains("residual") }).implementation()
    let (silent, moved) = try runs(early)
    guard case .holds = silent else { throw Unexpected(result: silent) }
    // Two rows of two heads of three channels.
    #expect(moved?.moved == 12 && moved?.compared == 12)
    let held = try runs(early, saying: .fp32).0
    guard case .violated(let found) = held else { throw Unexpected(result: held) }
    #expect(found.what.hasPrefix("y where") && found.found == 2 && found.expected == 1.75)
    let declared = try runs(early, saying: .products).0
    guard case .notApplicable = declared else { throw Unexpected(result: declared) }
  }

  @Test func `operands that are rounded lose nothing of it, with U and W apart or together`() throws {
    let apart = try #require(Mutant.excused.first { !$0.name.contains("residual") }).implementation()
    for kernel in [apart] + CoarseKernel.all {
      let (result, moved) = try runs(kernel)
      guard case .holds = result else { throw Unexpected(result: result) }
      #expect(moved?.moved == 0 && moved?.compared == 12, "\(kernel.name)")
      let held = try runs(kernel, saying: .fp32).0
      guard case .holds = held else { throw Unexpected(result: held) }
    }
  }
}
