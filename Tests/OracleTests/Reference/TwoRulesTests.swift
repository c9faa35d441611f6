import GatedDeltaRule
import Support
import Sweep
import Testing

@testable import Oracle

/// A floor on the way to the outputs alone.
@Suite struct TwoRulesTests {
  static let floor = 1e-6

  func problem(_ level: Level) throws -> Problem {
    let shape = try Shape(B: 2, T: 12, Hk: 1, Hv: 2, Dk: 3, Dv: 2)
    return try Sample(
      shape: shape, level: level, family: .decay, seed: 2, hasState: true, hasCotangents: true
    ).problem
  }

  @Test(arguments: Level.allCases)
  func `outputs are those above the floor, gradients those without one`(level: Level) throws {
    let problem = try problem(level)
    let check = CrossCheck(problem)
    let held = Reference(problem, clamp: .decay(floor: Self.floor))
    let free = Reference(problem)
    for both in [
      Reference(problem, clamp: .forwardDecay(floor: Self.floor)),
      check.reference(clamp: .forwardDecay(floor: Self.floor)),
    ] {
      #expect(both.clamp == .forwardDecay(floor: Self.floor))
      for quantity in Quantity.all(at: level) {
        #expect(both[quantity] == (quantity.isGradient ? free : held)[quantity], "\(quantity.rawValue)")
      }
    }
    #expect(held[.y] != free[.y] && held[.dq] != free[.dq])
  }

  @Test(arguments: [Request.Arithmetic.working, .double])
  func `so are the bounds`(arithmetic: Request.Arithmetic) throws {
    let problem = try problem(.core)
    func bound(_ clamp: Declaration.Clamp) -> Bound {
      CrossCheck(problem)
        .bound(for: Declaration(form: .chunked(length: 8), clamp: clamp), arithmetic: arithmetic)
    }
    let (held, free) = (bound(.decay(floor: Self.floor)), bound(.none))
    let both = bound(.forwardDecay(floor: Self.floor))
    for quantity in Quantity.all(at: .core) {
      #expect(both[quantity] == (quantity.isGradient ? free : held)[quantity], "\(quantity.rawValue)")
    }
    #expect(held[.dq] != free[.dq] && held[.stateOut] != free[.stateOut])
  }

  @Test func `a floor that no decay comes near is none`() throws {
    let shape = try Shape(B: 1, T: 9, Hk: 1, Hv: 1, Dk: 2, Dv: 2)
    let check = CrossCheck(try Sample(shape: shape, level: .core, seed: 3).problem)
    #expect(check.reference(clamp: .forwardDecay(floor: Self.floor)).clamp == .none)
    #expect(!check.reaches(.forwardDecay(floor: Self.floor)))
  }

  @Test func `who has the gradients of the outputs is none of it`() throws {
    let check = CrossCheck(try problem(.core))
    let declaration = Declaration(clamp: .forwardDecay(floor: Self.floor))
    let held = check.reference(clamp: .decay(floor: Self.floor)).evaluation
    let honest = check.reference(clamp: declaration.clamp).evaluation
    #expect(check.judge(evaluation: honest, double: nil, declaration: declaration).verdict.grade == .agrees)
    #expect(check.judge(evaluation: held, double: nil, declaration: declaration).verdict.grade == .disagrees)
    let free = check.reference().evaluation
    #expect(check.judge(evaluation: free, double: nil, declaration: declaration).verdict.grade == .disagrees)
  }
}
