import GatedDeltaRule
import Sweep

/// One implementation on one problem, held to properties: its runs are made when a property first needs them.
package final class PropertyRuns {
  /// The problem as it was given.
  package let problem: Problem
  /// The implementation under test.
  package let implementation: any Implementation
  /// What it says of itself.
  package let declaration: Declaration
  /// Where the same bits are asked for.
  package let exactness: Exactness
  /// What it runs in: the bounds of fp64 are 2^29 times as sharp.
  package let arithmetic: Request.Arithmetic
  /// Other forms that must agree with it.
  package let peers: [any Implementation]
  /// Evaluations asked for so far.
  package internal(set) var evaluations = 0
  /// How much moved between runs that a property compared within bounds, by its name.
  package internal(set) var movements: [String: Movement] = [:]

  /// Whether answers to what properties make of the problem are compared with the reference, and how the first fails.
  var comparesAnswers = false
  private(set) var wrongAnswer: Failure?

  /// What the property under work draws.
  var draw: Draw
  private let seed: UInt64
  /// What is known of the problem, whichever implementation is asked.
  let check: CrossCheck
  private var known: Evaluation?
  private var boundedBase: Answer?
  /// What became of the calls of the problem, once they are made.
  private var session: SessionRun?
  /// <dy, y> and <dv, v> of that answer, which several properties ask for.
  private var readouts: [Sum]?
  private var writes: [Sum]?
  private var checks: [CrossCheck]
  /// Whether an answer since `begin` holds an inf or NaN that is excused.
  var hasLeftRange = false
  private var baseLeavesRange = false

  /// - Parameters:
  ///   - exactness: where it promises the same bits.
  ///   - seed: what properties draw from.
  ///   - peers: other implementations that must agree with this one on this problem.
  ///   - check: where the bound of the problem may be known already.
  ///   - evaluation: its answer with gradients to the problem as given, if there is one already.
  package init(
    _ implementation: any Implementation, on problem: Problem, arithmetic: Request.Arithmetic = .working,
    exactness: Exactness = .none, seed: UInt64 = 0, peers: [any Implementation] = [],
    check: CrossCheck? = nil, evaluation: Evaluation? = nil
  ) {
    (self.problem, self.implementation) = (problem, implementation)
    (self.arithmetic, self.exactness, self.peers, self.seed) = (arithmetic, exactness, peers, seed)
    declaration = implementation.declaration(for: problem, answering: evaluation)
    self.check = check ?? CrossCheck(problem)
    checks = [self.check]
    known = evaluation
    draw = Draw(seed: seed, name: "")
  }

  /// The same in fp64, where that is offered and is another.
  var inDouble: PropertyRuns? {
    guard arithmetic == .working, declaration.offersDouble else { return nil }
    return PropertyRuns(
      implementation, on: problem, arithmetic: .double, exactness: exactness, seed: seed, peers: peers,
      check: check)
  }

  /// Makes ready for a property.
  func begin(_ name: String) {
    draw = Draw(seed: seed, name: name)
    (checks, hasLeftRange) = ([check], false)
  }

  /// Whether a run since `begin` may have left the range of fp32.
  var isOverflow: Bool {
    hasLeftRange
      || checks.contains {
        $0.bound(for: declaration, arithmetic: arithmetic, gradients: true, payingForGates: true).isOverflow
      }
  }

  /// Whether a product of decays since `begin` leaves the normal numbers of fp32, of which fp64 shows nothing.
  var decayUnderflows: Bool { checks.contains { $0.decayUnderflows(declaration) } }

  /// Whether the form has no chunks that a shift of the tokens could move.
  var isSequential: Bool { declaration.form == .sequential }

  /// The answer to the problem as given.
  func base(bounded: Bool) throws -> Answer {
    if bounded, let boundedBase {
      hasLeftRange = hasLeftRange || baseLeavesRange
      return boundedBase
    }
    let evaluation = try known ?? evaluate(problem, gradients: true)
    known = evaluation
    let base = answer(evaluation, check, bounded: bounded)
    baseLeavesRange = hasLeftRange
    if bounded { boundedBase = base }
    return base
  }

  /// What became of the calls of the problem.
  func sessionRun() throws -> SessionRun {
    if let session { return session }
    let run = try SessionRun(self)
    session = run
    return run
  }

  /// Takes into account that what was made of the problem may leave the range of fp32.
  func mind(_ check: CrossCheck) { checks.append(check) }

  /// <dy, y> of every value head at every live token, [B, T, Hv], from the answer to the problem as given.
  func readouts(of base: Answer) -> [Sum] {
    if let readouts { return readouts }
    let sums = problem.headProducts(problem.cotangents.y, base.entries(.y))
    readouts = sums
    return sums
  }

  /// <dv, v>, likewise.
  func writes(of base: Answer) -> [Sum] {
    if let writes { return writes }
    let sums = problem.headProducts(problem.primals.v, base.entries(.dv))
    writes = sums
    return sums
  }

  /// A second answer to the problem as given.
  func again(bounded: Bool, gradients: Bool = true) throws -> Answer {
    answer(try evaluate(problem, gradients: gradients), check, bounded: bounded)
  }

  /// The answer to another problem.
  func run(_ draft: Draft, bounded: Bool, gradients: Bool = true) throws -> Answer {
    let check = try legalCheck(draft)
    checks.append(check)
    let evaluation = try check.whileMeasuring(
      {
        guard bounded else { return }
        _ = check.tolerances(for: declaration(of: check), arithmetic: arithmetic, gradients: gradients)
      }, ask: implementation
    ) { try evaluate(check.problem, gradients: gradients) }
    try requireSameFloor(check, evaluation)
    if comparesAnswers, wrongAnswer == nil {
      let judgement = check.judge(
        evaluation: evaluation, double: nil, declaration: declaration(of: check, evaluation))
      wrongAnswer = Failure(judgement, of: implementation.name)
    }
    return answer(evaluation, check, bounded: bounded)
  }

  /// What an answer to the problem of `check` is judged by.
  func declaration(of check: CrossCheck, _ evaluation: Evaluation? = nil) -> Declaration {
    if check === self.check, evaluation?.form == nil, evaluation?.clamp == nil { return declaration }
    return implementation.declaration(for: check.problem, answering: evaluation)
  }

  /// A call of another length may have another floor, by which it is another rule.
  private func requireSameFloor(_ check: CrossCheck, _ evaluation: Evaluation) throws {
    let floor = declaration(of: check, evaluation).clamp
    guard floor != declaration.clamp, check.reaches(floor) || self.check.reaches(declaration.clamp) else {
      return
    }
    throw Inapplicable("the problem that it is turned into has another floor under the decay")
  }

  /// Where a floor holds a decay in the outputs and not in the gradients, these are not those of those.
  func requireOneRule() throws {
    guard declaration.clamp.hasTwoRules, check.reaches(declaration.clamp) else { return }
    throw Inapplicable("the floor under the decay is there for the outputs alone")
  }

  /// A tensor of the problem as given without what masked tokens hold, times a factor.
  func liveOnly(_ input: Input, _ factor: Double = 1) -> Tensor? {
    guard let tensor = Draft(problem)[input]?.multiplied(by: factor) else { return nil }
    return input.axes(problem.shape.decayKind).contains(.T) ? problem.liveOnly(tensor) : tensor
  }

  /// The draft as a problem, if it is one.
  func legal(_ draft: Draft) throws -> Problem { try legalCheck(draft).problem }

  /// The gates of the problem as given, held above the floor of the declared clamp.
  var gates: GateTable { check.gates(clamp: declaration.clamp) }

  /// The draft as a problem with references and bounds of its own.
  func legalCheck(_ draft: Draft) throws -> CrossCheck {
    do {
      return try check.transformed(draft)
    } catch {
      throw Inapplicable("the transformed problem is not legal: \(error)")
    }
  }
}
