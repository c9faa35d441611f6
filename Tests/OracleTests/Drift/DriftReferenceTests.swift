import GatedDeltaRule
import Generator
import Sweep
import Testing
import Twin

@testable import Oracle

/// The reference of a sequence, and what a state may be off by, from call to call.
@Suite struct DriftReferenceTests {
  private static let text = "v1/B1-T64-Hk1-Hv1-Dk6-Dv5/keys=random/decay=-0.01/write=0.3/f32/seed=3"

  private static func chain(
    _ problem: Problem, calls length: Int, _ declaration: Declaration
  ) throws -> DriftReference {
    var chain = DriftReference()
    for start in stride(from: 0, to: problem.shape.T, by: length) {
      let call = try problem.call(start..<min(start + length, problem.shape.T))
      try chain.advance(call, gates: GateTable(call, DeclaredGates(declaration)), for: declaration)
    }
    return chain
  }

  /// The recurrence of the bound goes on over the end of a call, so that only what calls add can make it larger.
  @Test(arguments: [1, 3, 16])
  func `of a sequential form it is that of one call, however the tokens are cut`(length: Int) throws {
    let problem = try Recipe(Self.text).render()
    let whole = try Self.chain(problem, calls: 64, Declaration())
    let cut = try Self.chain(problem, calls: length, Declaration())
    #expect(cut.error(of: whole.state) <= 1e-15)
    #expect(abs(cut.bound / whole.bound - 1) <= 1e-12)
    #expect(cut.bound > 0)
  }

  @Test(arguments: [Declaration.Form.sequential, .chunked(length: 16)])
  func `a first state that is off by so much ends within the bound`(form: Declaration.Form) throws {
    let problem = try Recipe(Self.text).render()
    let declaration = Declaration(form: form)
    let gates = GateTable(problem, DeclaredGates(declaration))
    let exact = Tensor(shape: problem.shape.state, precision: .fp64, repeating: 0.5)
    // Each element of a row of 6 is off by 1e-3.
    let errors = [Double](repeating: 1e-3 * 6.0.squareRoot(), count: 5)
    let (reference, bound) = Bound.measure(
      try problem.from(exact), gates: gates, for: declaration, arithmetic: .working, gradients: false,
      stateErrors: errors)
    let moved = Tensor(shape: exact.shape, precision: .fp64, values: exact.values.map { $0 + 1e-3 })
    let other = Reference(try problem.from(moved), for: declaration)
    for quantity in [Quantity.y, .stateOut] {
      let (one, two) = (try #require(reference[quantity]), try #require(other[quantity]))
      let allowed = try #require(bound[quantity])
      for i in one.values.indices { #expect((one.values[i] - two.values[i]).magnitude <= allowed.values[i]) }
    }
    // It is not all of the first error that is left.
    let last = try #require(bound[.stateOut]).values.max() ?? .infinity
    #expect(last < 1e-3 * 6.0.squareRoot())
  }

  @Test func `a state that is kept in a coarse format between calls costs its roundings`() throws {
    var recipe = try Recipe(Self.text)
    recipe.contract.state = .bf16
    let coarse = try Self.chain(try recipe.render(), calls: 1, Declaration())
    let fine = try Self.chain(try Recipe(Self.text).render(), calls: 1, Declaration())
    #expect(coarse.bound > 0x1p-8 && coarse.bound > 1e3 * fine.bound)
    #expect(coarse.error(of: fine.state) == 0)
  }

  @Test func `what is no number is within no bound`() {
    #expect(!DriftPoint(tokens: 1, error: .nan, bound: 1, twin: nil).isWithinBound)
    #expect(!DriftPoint(tokens: 1, error: 1, bound: .nan, twin: nil).isWithinBound)
    #expect(DriftPoint(tokens: 1, error: .nan, bound: 1, twin: 1).isWorseThanDeclared)
    #expect(DriftReference().error(of: nil) == .infinity)
  }

  @Test func `a gate is rounded to one of its neighbours, the same wherever it stands`() {
    let x = 1 - 0x1.8p-25
    let near = Float(x)
    let answers = (0..<64).map { Twin.steadilyRounded(x, seed: $0) }
    #expect(Set(answers).count == 2)
    #expect(answers.allSatisfy { abs($0 - Double(near)) <= Double(near.ulp) })
    #expect(Twin.steadilyRounded(x, seed: 7) == Twin.steadilyRounded(x, seed: 7))
    #expect(Twin.steadilyRounded(0.75, seed: 7) == 0.75)
  }
}
