import GatedDeltaRule
import Sweep

/// One implementation before one problem: its runs are made when a property first needs them.
public final class Trial {
  /// The problem as it was given.
  public let problem: Problem
  /// The accused.
  public let implementation: any Implementation
  /// What it says of itself.
  public let declaration: Declaration
  /// Where the same bits are asked for.
  public let exactness: Exactness
  /// What it runs in: the bounds of fp64 are 2^29 times as sharp.
  public let arithmetic: Request.Arithmetic
  /// Other forms that must agree with it.
  public let peers: [any Implementation]
  /// Evaluations asked for so far.
  public private(set) var evaluations = 0

  /// What the property under work draws.
  var draw: Draw
  private let seed: UInt64
  /// What is known of the problem, whoever stands before it.
  let court: CrossCheck
  private var known: Evaluation?
  private var boundedBase: Answer?
  /// <dy, y> and <dv, v> of that answer, which several properties ask for.
  private var readouts: [Sum]?
  private var writes: [Sum]?
  private var courts: [CrossCheck]
  private var hasLeftRange = false
  private var baseLeavesRange = false

  /// - Parameters:
  ///   - exactness: where it promises the same bits.
  ///   - seed: what properties draw from.
  ///   - peers: other implementations that must agree with this one on this problem.
  ///   - court: where the bound of the problem may be known already.
  ///   - evaluation: its answer with gradients to the problem as given, if there is one already.
  public init(
    _ implementation: any Implementation, on problem: Problem, arithmetic: Request.Arithmetic = .working,
    exactness: Exactness = .none, seed: UInt64 = 0, peers: [any Implementation] = [],
    court: CrossCheck? = nil, evaluation: Evaluation? = nil
  ) {
    (self.problem, self.implementation) = (problem, implementation)
    (self.arithmetic, self.exactness, self.peers, self.seed) = (arithmetic, exactness, peers, seed)
    declaration = implementation.declaration(for: problem)
    self.court = court ?? CrossCheck(problem)
    courts = [self.court]
    known = evaluation
    draw = Draw(seed: seed, name: "")
  }

  /// The same trial in fp64, where that is offered and is another.
  var inDouble: Trial? {
    guard arithmetic == .working, declaration.offersDouble else { return nil }
    return Trial(
      implementation, on: problem, arithmetic: .double, exactness: exactness, seed: seed, peers: peers,
      court: court)
  }

  /// Makes ready for a property.
  func begin(_ name: String) {
    draw = Draw(seed: seed, name: name)
    (courts, hasLeftRange) = ([court], false)
  }

  /// Whether a run since `begin` may honestly have left the range of fp32.
  var isOverflow: Bool {
    hasLeftRange || courts.contains { $0.bound(for: declaration, arithmetic: arithmetic).isOverflow }
  }

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
    let base = answer(evaluation, court, bounded: bounded)
    baseLeavesRange = hasLeftRange
    if bounded { boundedBase = base }
    return base
  }

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
  func again(gradients: Bool = true) throws -> Answer {
    answer(try evaluate(problem, gradients: gradients), court, bounded: !exactness.contains(.repetition))
  }

  /// The answer to another problem.
  func run(_ draft: Draft, bounded: Bool, gradients: Bool = true) throws -> Answer {
    let court = try legalCourt(draft)
    courts.append(court)
    return answer(try evaluate(court.problem, gradients: gradients), court, bounded: bounded)
  }

  /// A tensor of the problem as given without what masked tokens hold, times a factor.
  func liveOnly(_ input: Input, _ factor: Double = 1) -> Tensor? {
    guard let tensor = Draft(problem)[input]?.multiplied(by: factor) else { return nil }
    return input.axes(problem.shape.decayKind).contains(.T) ? problem.liveOnly(tensor) : tensor
  }

  /// The draft as a problem, if it is one.
  func legal(_ draft: Draft) throws -> Problem { try legalCourt(draft).problem }

  /// The gates of the problem as given, held above the floor of the declared clamp.
  var gates: GateTable { court.gates(clamp: declaration.clamp) }

  /// The draft as a problem with its own court.
  func legalCourt(_ draft: Draft) throws -> CrossCheck {
    do {
      return try court.court(of: draft)
    } catch {
      throw Inapplicable("the transformed problem is not legal: \(error)")
    }
  }

  /// One evaluation. A refusal, here, means that the property does not apply.
  func evaluate(_ problem: Problem, gradients: Bool) throws -> Evaluation {
    if let reason = implementation.refusal(of: problem) { throw Inapplicable("refused: \(reason)") }
    evaluations += 1
    guard arithmetic == .double || !problem.needsDouble else { throw Inapplicable("the inputs need fp64") }
    let request = Request(arithmetic: arithmetic, gradients: gradients)
    let evaluation: Evaluation
    do {
      evaluation = try implementation.evaluate(problem, request: request)
    } catch let refusal as Refusal {
      throw Inapplicable("refused: \(refusal)")
    }
    for quantity in [Quantity.y, .stateOut] where evaluation[quantity] == nil {
      throw NoAnswer(quantity: quantity, shape: nil)
    }
    for (quantity, tensor) in evaluation.results where tensor.shape != quantity.shape(in: problem.shape) {
      throw NoAnswer(quantity: quantity, shape: tensor.shape)
    }
    return evaluation
  }

  /// The answer of another implementation to the problem as given.
  func answer(of peer: any Implementation) throws -> Answer {
    if let reason = peer.refusal(of: problem) { throw Inapplicable("\(peer.name) refused: \(reason)") }
    evaluations += 1
    let evaluation = try peer.evaluate(problem, request: Request(arithmetic: arithmetic))
    return answer(evaluation, court, bounded: true, declaration: peer.declaration(for: problem))
  }

  private func answer(
    _ evaluation: Evaluation, _ court: CrossCheck, bounded: Bool, declaration: Declaration? = nil
  ) -> Answer {
    let decay = court.problem.shape.decayKind
    let declaration = declaration ?? self.declaration
    let areFinite = evaluation.results.values.allSatisfy(\.isFinite)
    if !areFinite, court.leavesRange(evaluation, declaration) { hasLeftRange = true }
    let values = PerQuantity(evaluation.results)
    guard bounded else { return Answer(decay: decay, values: values, tolerances: PerQuantity()) }
    let hasGradients = evaluation.results.keys.contains(where: \.isGradient)
    let shared = court.tolerances(for: declaration, arithmetic: arithmetic, gradients: hasGradients)
    var tolerances = PerQuantity<Tensor>()
    for (quantity, found) in evaluation.results {
      if isPlain(found, declaration), areFinite || found.isFinite {
        tolerances[quantity] = shared[quantity]
      } else if let an = court.allowance(quantity, for: declaration, arithmetic: arithmetic) {
        tolerances[quantity] = tolerance(found, an)
      }
    }
    return Answer(decay: decay, values: values, tolerances: tolerances)
  }

  /// Whether what a result of numbers may be off by depends on nothing in it.
  private func isPlain(_ found: Tensor, _ declaration: Declaration) -> Bool {
    !(declaration.floor > 0) && found.precision.unitRoundoff <= Precision.fp32.unitRoundoff
  }

  /// A and what storing the result costs, as in `Comparison`.
  private func tolerance(_ found: Tensor, _ an: Tensor) -> Tensor {
    let isCoarse = found.precision.unitRoundoff > Precision.fp32.unitRoundoff
    let u = isCoarse ? found.precision.unitRoundoff : 0
    let underflow = 0x1p-126 + (isCoarse ? found.precision.underflow : 0)
    var allowed = an
    for i in allowed.values.indices {
      allowed.values[i] = (1 + u) * an.values[i] + u * found.values[i].magnitude + underflow
    }
    return allowed
  }
}

/// A property says nothing about this problem or this implementation.
struct Inapplicable: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// A result is missing or has another shape than its quantity.
struct NoAnswer: Error, CustomStringConvertible {
  let quantity: Quantity
  let shape: [Int]?
  var description: String { "\(quantity.rawValue) " + (shape.map { "has shape \($0)" } ?? "is missing") }
}
