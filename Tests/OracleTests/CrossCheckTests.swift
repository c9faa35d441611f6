import GatedDeltaRule
import Oracle
import Support
import Testing

/// Answers what it is told to.
private struct Scripted: Implementation {
  struct Collapse: Error {}

  var name = "scripted"
  var summary = "answers what it is told to"
  var declaration = Declaration()
  var reason: String?
  var answer: @Sendable (Request) throws -> Evaluation

  func refusal(of problem: Problem) -> String? { reason }
  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation { try answer(request) }
}

@Suite struct CrossCheckTests {
  private let shape = try! Shape(B: 2, T: 9, Hk: 1, Hv: 2, Dk: 3, Dv: 4)

  private func problem(_ family: Sample.Family = .benign, level: Level = .core, seed: UInt64 = 2) throws
    -> Problem
  {
    try Sample(shape: shape, level: level, family: family, mask: .holes, seed: seed).problem
  }

  /// What the oracle says where the truth is changed in one quantity.
  private func verdict(
    _ problem: Problem, _ quantity: Quantity, declaration: Declaration = Declaration(offersDouble: false),
    change: (inout Tensor) -> Void
  ) throws -> Verdict {
    let check = CrossCheck(problem)
    var answer = check.reference().evaluation
    var tensor = try #require(answer[quantity]).rounded(to: .fp32)
    change(&tensor)
    answer.results[quantity] = tensor
    return check.judge(evaluation: answer, double: nil, declaration: declaration).verdict
  }

  @Test func `the reference agrees with itself`() throws {
    for level in Level.allCases {
      let check = CrossCheck(try problem(level: level))
      let truth = check.reference().evaluation
      let judgement = check.judge(evaluation: truth, double: truth, declaration: Declaration())
      #expect(judgement.verdict == .agrees(ratio: 0))
      #expect(Set(judgement.ratios.keys) == Set(Quantity.all(at: level)))
    }
  }

  @Test func `a refusal is passed on and nothing is run`() throws {
    let scripted = Scripted(reason: "no mask") { _ in throw Scripted.Collapse() }
    #expect(CrossCheck(try problem()).judge(scripted).judgement.verdict == .refused("no mask"))
  }

  @Test func `a throw, a missing output and a wrong shape are failures`() throws {
    let problem = try problem()
    let check = CrossCheck(problem)
    let truth = check.reference().evaluation
    guard case .failed = check.judge(Scripted { _ in throw Scripted.Collapse() }).judgement.verdict else {
      Issue.record("a throw is a failure")
      return
    }
    for quantity in [Quantity.y, .stateOut] {
      var answer = truth
      answer.results[quantity] = nil
      let verdict = check.judge(evaluation: answer, double: nil, declaration: Declaration()).verdict
      #expect(verdict == .failed("\(quantity.rawValue) is missing"))
    }
    var answer = truth
    answer.results[.dk] = Tensor(shape: [1, 2])
    let verdict = check.judge(evaluation: answer, double: nil, declaration: Declaration()).verdict
    #expect(verdict == .failed("dk has shape [1, 2], expected [2, 9, 1, 3]"))
  }

  @Test func `gradients need not be there`() throws {
    let check = CrossCheck(try problem())
    let truth = check.reference()
    let forward = Evaluation(results: [.y: truth[.y]!, .stateOut: truth[.stateOut]!])
    let verdict = check.judge(evaluation: forward, double: nil, declaration: Declaration()).verdict
    #expect(verdict == .agrees(ratio: 0))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `what is not finite is wrong`(value: Double) throws {
    for quantity in Quantity.all(at: .core) {
      let problem = try problem()
      let last = try #require(problem.mask?.live.lastIndex(of: true))
      let width = quantity.shape(in: shape).reduce(1, *) / (shape.B * shape.T)
      let index = quantity.isPerToken ? last * width : 0
      guard case .disagrees(let found) = try verdict(problem, quantity, change: { $0.values[index] = value })
      else {
        Issue.record("\(value) in \(quantity) passed")
        continue
      }
      #expect(found.cause == .nonFinite)
      #expect(found.quantity == quantity)
      #expect(found.ratio == .infinity)
    }
  }

  @Test func `the worst element is named by its coordinates`() throws {
    let problem = try problem()
    let mask = try #require(problem.mask)
    let t = try #require((0..<shape.T).last { mask[1, $0] })
    let index = ((shape.T + t) * shape.Hv + 1) * shape.Dv + 3
    guard case .disagrees(let found) = try verdict(problem, .dv, change: { $0.values[index] += 1 }) else {
      Issue.record("passed")
      return
    }
    #expect(found.index == [1, t, 1, 3])
    #expect(found.test == .bound)
    #expect(found.cause == .unknown)
    #expect(found.found - found.expected > 0.99)
  }

  @Test func `y at masked tokens does not count, a gradient there must be zero`() throws {
    let problem = try problem()
    let masked = try #require(problem.mask?.live.firstIndex(of: false))
    let y = try verdict(problem, .y) { $0.values[masked * shape.Hv * shape.Dv] = .nan }
    guard case .agrees = y else {
      Issue.record("y at a masked token counted: \(y)")
      return
    }
    for value in [1e-40, Double.nan] {
      guard
        case .disagrees(let found) = try verdict(
          problem, .dk, change: { $0.values[masked * shape.Dk] = value })
      else {
        Issue.record("\(value) at a masked token passed")
        continue
      }
      #expect(found.test == .mask)
    }
  }

  /// An error of 100 bounds, in fp32 alone or in both arithmetics.
  @Test(arguments: [(0x1p-29, Disagreement.Cause.unstable), (1, .wrongFormula)])
  func `the roundoff exponent tells amplified rounding from a wrong formula`(
    shrink: Double, cause: Disagreement.Cause
  ) throws {
    let problem = try problem()
    let check = CrossCheck(problem)
    let (truth, bound) = (check.reference(), check.bound(for: Declaration()))
    func off(by factor: Double, as precision: Precision) -> Evaluation {
      var answer = truth.evaluation
      let pairs = zip(truth[.stateOut]!.values, bound[.stateOut]!.values)
      answer.results[.stateOut] = Tensor(
        shape: shape.state, precision: precision, values: pairs.map { $0 + factor * $1 })
      return answer
    }
    let verdict = check.judge(
      evaluation: off(by: 100, as: .fp32), double: off(by: 100 * shrink, as: .fp64),
      declaration: Declaration()
    ).verdict
    switch (verdict, cause) {
    case (.degraded(let found), .unstable), (.disagrees(let found), .wrongFormula):
      #expect(found.cause == cause)
      #expect((found.roundoffExponent! - (cause == .unstable ? 1 : 0)).magnitude < 0.01)
      #expect((99...100.1).contains(found.ratio))
    default: Issue.record("\(verdict)")
    }
  }

  @Test func `a fault that fp32 hides is found in fp64`() throws {
    let problem = try problem()
    let check = CrossCheck(problem)
    let (truth, bound) = (check.reference(), check.bound(for: Declaration()))
    var answer = truth.evaluation
    let pairs = zip(truth[.y]!.values, bound[.y]!.values)
    answer.results[.y] = Tensor(shape: shape.value, precision: .fp64, values: pairs.map { $0 + $1 / 2 })
    guard
      case .disagrees(let found) = check.judge(evaluation: answer, double: answer, declaration: Declaration())
        .verdict
    else {
      Issue.record("passed")
      return
    }
    #expect(found.test == .double)
    #expect(found.cause == .wrongFormula)
  }

  /// A clamp that is declared is judged by its own rule, one that is not is a fault.
  @Test func `declared clamps are judged by the clamped rule and reported`() throws {
    let problem = try problem(.decay)
    let check = CrossCheck(problem)
    var specimen = Specimen()
    specimen.declaration = Declaration(clamp: .decay(floor: Double(Float(1e-3))))
    let declared = check.judge(specimen).judgement
    guard case .agrees = declared.verdict else {
      Issue.record("\(declared.verdict)")
      return
    }
    #expect(declared.clampDeviation.values.contains { $0 > 1e-6 })
    let evaluation = try specimen.evaluate(problem, request: Request())
    let undeclared = check.judge(evaluation: evaluation, double: nil, declaration: Declaration())
    guard case .disagrees = undeclared.verdict else {
      Issue.record("an undeclared clamp passed")
      return
    }
    #expect(undeclared.clampDeviation.isEmpty)
  }

  /// The gradient at the floor may honestly be taken on either side, and nowhere else.
  @Test func `both sides of a kink are accepted`() throws {
    let sample = Sample(
      shape: try Shape(B: 1, T: 3, Hk: 1, Hv: 1, Dk: 2, Dv: 2), level: .core, family: .benign, seed: 2)
    let floor = 0.25
    for (g, isAtKink) in [(floor, true), (floor * (1 + 0x1p-23), true), (0.26, false), (0.24, false)] {
      let benign = try sample.problem
      var (decay, beta) = try benign.primals.gates.core
      decay.values[2] = g
      var primals = benign.primals
      primals.gates = .core(g: decay, beta: beta)
      let problem = try Problem(shape: sample.shape, primals: primals, cotangents: benign.cotangents)
      let declaration = Declaration(clamp: .decay(floor: floor))
      let check = CrossCheck(problem)
      var other = check.reference(clamp: declaration.clamp).evaluation
      var free = primals
      decay.values[2] = max(g, floor)
      free.gates = .core(g: decay, beta: beta)
      let unheld = Reference(try Problem(shape: sample.shape, primals: free, cotangents: benign.cotangents))
      let isHeld = g <= floor
      other.results[.dg]!.values[2] = isHeld ? unheld[.dg]!.values[2] : 0
      switch check.judge(evaluation: other, double: nil, declaration: declaration).verdict {
      case .agrees: #expect(isAtKink, "\(g)")
      case .disagrees(let found): #expect(!isAtKink && found.quantity == .dg, "\(g)")
      case let verdict: Issue.record("\(g): \(verdict)")
      }
    }
  }

  @Test func `coarse gates are excused if declared`() throws {
    for seed in 0..<20 as Range<UInt64> {
      let problem = try problem(level: .model, seed: seed)
      let check = CrossCheck(problem)
      var specimen = Specimen()
      specimen.declaration = Declaration(betaPrecision: .bf16, decayPrecision: .bf16)
      let judgement = check.judge(specimen).judgement
      guard case .agrees = judgement.verdict else {
        Issue.record("seed \(seed): \(judgement.verdict)")
        continue
      }
      let evaluation = try specimen.evaluate(problem, request: Request())
      let undeclared = check.judge(evaluation: evaluation, double: nil, declaration: Declaration()).verdict
      guard case .disagrees = undeclared else {
        Issue.record("seed \(seed): bf16 gates passed undeclared")
        continue
      }
    }
  }

  /// Keys of norm 3 with beta 1 multiply the state by 8 a token: 2^120 is passed on the way.
  @Test func `past the range of fp32 inf and NaN are accepted`() throws {
    let long = try Shape(B: 1, T: 60, Hk: 1, Hv: 1, Dk: 1, Dv: 1)
    let primals = Primals(
      q: Tensor(shape: long.key, repeating: 1), k: Tensor(shape: long.key, repeating: 3),
      v: Tensor(shape: long.value, repeating: 1),
      gates: .core(g: Tensor(shape: long.gate, repeating: 1), beta: Tensor(shape: long.token, repeating: 1)),
      state: nil)
    let problem = try Problem(
      shape: long, primals: primals, cotangents: Outputs(y: Tensor(shape: long.value, repeating: 1)))
    let check = CrossCheck(problem)
    let judgement = check.judge(Specimen()).judgement
    #expect(judgement.isOverflow)
    guard case .agrees = judgement.verdict else {
      Issue.record("\(judgement.verdict)")
      return
    }
    var wrong = check.reference().evaluation
    wrong.results[.y]!.values[0] += 1
    guard case .disagrees = check.judge(evaluation: wrong, double: nil, declaration: Declaration()).verdict
    else {
      Issue.record("a finite wrong number passed")
      return
    }
  }
}
