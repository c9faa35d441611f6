import GatedDeltaRule
import Implementations
import Oracle
import Support
import Testing

@Suite struct FixtureTests {
  @Test(arguments: Fixture.all)
  func `every implementation is acquitted of what a library computed, and so is the library`(
    fixture: Fixture
  ) throws {
    let (problem, recorded) = try fixture.load()
    let check = CrossCheck(problem)
    for implementation in Registry.all where !implementation.declaration.isControl {
      let judgement = check.judge(implementation)
      #expect(
        judgement.verdict.isAcceptable, "\(implementation.name): \(Report.sentence(judgement))")
    }
    let judgement = check.judge(recorded)
    #expect(judgement.verdict.isAcceptable || !recorded.isJudged, "\(Report.sentence(judgement))")
  }

  /// y and state to 1e-5 of the tensor's largest element, gradients to 5e-5, on what nobody made hard on purpose.
  @Test(arguments: Fixture.all)
  func `results agree with the fp32 ones of the libraries`(fixture: Fixture) throws {
    let (problem, recorded) = try fixture.load()
    guard recorded.isJudged, recorded.danger == nil, problem.primals.q.precision == .fp32 else { return }
    for implementation in Registry.all where implementation.refusal(of: problem) == nil {
      if implementation.declaration.isControl { continue }
      let found = try implementation.evaluate(problem, request: Request())
      for (quantity, theirs) in recorded.evaluation.results {
        // dg of a vanishing g is not comparable between forms; g dg is, and stands in the table of gdr check.
        if quantity == .dg { continue }
        let difference = difference(found, theirs, quantity, problem)
        let limit = quantity.isGradient ? 5e-5 : 1e-5
        #expect(difference <= limit, "\(implementation.name) \(quantity.rawValue): \(difference)")
      }
    }
  }

  @Test(arguments: Fixture.all)
  func `runs in double agree with the reference, and with the libraries that run in double`(
    fixture: Fixture
  ) throws {
    let (problem, recorded) = try fixture.load()
    let check = CrossCheck(problem)
    let isDouble = problem.primals.q.precision == .fp64
    for implementation in Registry.all where implementation.refusal(of: problem) == nil {
      guard !implementation.declaration.isControl, recorded.danger == nil else { continue }
      let found = try implementation.evaluate(problem, request: Request(arithmetic: .double))
      let reference = check.reference(clamp: implementation.declaration.clamp)
      for (quantity, o) in reference.values {
        #expect(
          difference(found, o, quantity, problem) <= 1e-12, "\(implementation.name) \(quantity.rawValue)")
        guard isDouble, let theirs = recorded.evaluation[quantity] else { continue }
        #expect(
          difference(found, theirs, quantity, problem) <= 1e-12, "\(implementation.name) \(quantity.rawValue)"
        )
      }
    }
  }

  /// The largest difference at live tokens over the largest element; NaN if anything is.
  private func difference(
    _ found: Evaluation, _ expected: Tensor, _ quantity: Quantity, _ problem: Problem
  ) -> Double {
    guard let found = found[quantity] else { return .nan }
    let width = max(1, quantity.shape(in: problem.shape).dropFirst(2).reduce(1, *))
    var (largest, scale) = (0.0, 0.0)
    for i in found.values.indices {
      if quantity.isPerToken, let mask = problem.mask, !mask.live[i / width] { continue }
      let error = (found.values[i] - expected.values[i]).magnitude
      guard error <= largest else {
        if error.isNaN { return .nan }
        largest = error
        continue
      }
    }
    for value in expected.values where value.isFinite { scale = max(scale, value.magnitude) }
    return largest == 0 ? 0 : largest / scale
  }
}

extension Verdict {
  /// Within the bound, or amplified rounding that a deployment tolerates, or not taken at all.
  var isAcceptable: Bool {
    switch self {
    case .agrees, .degraded, .refused: true
    case .disagrees, .failed: false
    }
  }
}
