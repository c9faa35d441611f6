import GatedDeltaRule
import Implementations
import Oracle
import Support
import Testing

@Suite struct FixtureTests {
  static let honest = Registry.all.filter { !$0.declaration.isControl }

  /// The honest implementations that take a problem, which must be those that should.
  private func takers(of problem: Problem) throws -> [any Implementation] {
    let takers = Self.honest.filter { $0.refusal(of: problem) == nil }
    try #require(takers.map(\.name) == Self.honest.map(\.name).filter(problem.isTaken))
    return takers
  }

  @Test(arguments: Fixture.all)
  func `every implementation passes on what a library computed`(fixture: Fixture) throws {
    let problem = try fixture.load().problem
    let check = CrossCheck(problem)
    for implementation in try takers(of: problem) {
      let result = check.judge(implementation)
      #expect(result.grade.isAcceptable, "\(implementation.name): \(Report.sentence(result))")
    }
  }

  @Test(arguments: Fixture.all { _, recorded in recorded.isJudged })
  func `a library passes on what it computed`(fixture: Fixture) throws {
    let (problem, recorded) = try fixture.load()
    let result = CrossCheck(problem).judge(recorded)
    #expect(result.grade.isAcceptable, "\(Report.sentence(result))")
  }

  /// y and state to 1e-5 of the tensor's largest element, gradients to 5e-5, on what nobody made hard on purpose.
  @Test(
    arguments: Fixture.all { problem, recorded in
      recorded.isJudged && recorded.danger == nil && problem.primals.q.precision == .fp32
    })
  func `results agree with the fp32 ones of the libraries`(fixture: Fixture) throws {
    let (problem, recorded) = try fixture.load()
    // dg of a vanishing g is not comparable between forms; g dg is, and stands in the table of gdr check.
    let theirs = recorded.evaluation.results.filter { $0.key != .dg }
    try #require(theirs[.y] != nil && theirs[.stateOut] != nil)
    for implementation in try takers(of: problem) {
      let found = try implementation.evaluate(problem, request: Request())
      for (quantity, tensor) in theirs {
        let difference = difference(found, tensor, quantity, problem)
        var limit = quantity.isGradient ? 5e-5 : 1e-5
        // Either of the two may have been rounded to it.
        if [.stateOut, .dstateIn].contains(quantity), problem.contract.state.isCoarse {
          limit += 2 * problem.contract.state.unitRoundoff
        }
        #expect(difference <= limit, "\(implementation.name) \(quantity.rawValue): \(difference)")
      }
    }
  }

  @Test(arguments: Fixture.all { _, recorded in recorded.danger == nil })
  func `runs in double agree with the reference`(fixture: Fixture) throws {
    let problem = try fixture.load().problem
    let check = CrossCheck(problem)
    for implementation in try takers(of: problem) {
      let found = try implementation.evaluate(problem, request: Request(arithmetic: .double))
      let reference = check.reference(clamp: implementation.declaration.clamp)
      for quantity in problem.contract.quantities(at: problem.level) {
        let difference = difference(found, try #require(reference[quantity]), quantity, problem)
        #expect(difference <= 1e-12, "\(implementation.name) \(quantity.rawValue): \(difference)")
      }
    }
  }

  @Test(
    arguments: Fixture.all { problem, recorded in
      recorded.danger == nil && problem.primals.q.precision == .fp64
    })
  func `runs in double agree with the libraries that run in double`(fixture: Fixture) throws {
    let (problem, recorded) = try fixture.load()
    try #require(recorded.evaluation[.y] != nil && recorded.evaluation[.stateOut] != nil)
    for implementation in try takers(of: problem) {
      let found = try implementation.evaluate(problem, request: Request(arithmetic: .double))
      for (quantity, theirs) in recorded.evaluation.results {
        let difference = difference(found, theirs, quantity, problem)
        #expect(difference <= 1e-12, "\(implementation.name) \(quantity.rawValue): \(difference)")
      }
    }
  }

  /// The largest difference at live tokens over the largest element; NaN if anything is.
  private func difference(
    _ found: Evaluation, _ expected: Tensor, _ quantity: Quantity, _ problem: Problem
  ) -> Double {
    RelativeError(of: found[quantity], from: expected, quantity, on: problem).ofLargest
  }
}

extension Grade {
  /// Within the bound, or amplified rounding that a deployment tolerates.
  var isAcceptable: Bool { self == .agrees || self == .degraded }
}
