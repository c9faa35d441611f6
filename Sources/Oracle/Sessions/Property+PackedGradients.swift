import GatedDeltaRule
import Sweep

/// Training on packed sequences: several of them, of different lengths, one after the other in one batch row.
extension Property {
  /// Every sequence of a packed step has the outputs and gradients that it has by itself, that by the state it began with
  /// included; gradients by what all tokens share are the sums over the sequences.
  static let packedGradients = Property("packed-gradients", .dear, unless: oneCall) { runs, tally in
    guard runs.declaration.steps.contains(.gradients) || runs.implementation is any PackedTraining else {
      throw Inapplicable("takes no packed sequences with gradients")
    }
    let packed = try PackedSequences(runs.problem, isDouble: runs.arithmetic == .double)
    let answer = try runs.answer(packed.step)
    var sums: [Quantity: (found: Tensor, truth: Tensor, tolerance: Tensor)] = [:]
    for (index, row) in packed.rows.enumerated() {
      let check = CrossCheck(try packed.sequence(index))
      runs.mind(check)
      let own = packed.results(of: index, in: answer)
      let bounded = runs.answer(
        Evaluation(results: own.merging(answer.shared) { own, _ in own }), check, bounded: true)
      let truth = check.reference(DeclaredGates(clamp: runs.declaration(of: check).clamp), gradients: true)
      for quantity in check.problem.quantities {
        guard let tolerance = bounded.tolerances[quantity], let truth = truth[quantity] else { continue }
        if quantity.isSumOverTokens {
          // Each sum is as large as what it is added to, at most.
          let adding = truth.magnitudes(times: Double(packed.rows.count) * Precision.fp32.unitRoundoff)
          let allowed = tolerance.adding(adding)
          sums[quantity] =
            sums[quantity].map { ($0.found, $0.truth.adding(truth), $0.tolerance.adding(allowed)) }
            ?? answer.gradients[quantity].map { ($0, truth, allowed) }
        } else if let found = own[quantity] {
          let name = "\(quantity.rawValue) of sequence \(row.number ?? 0), \(row.tokens.count) tokens"
          tally.expect(name, found, near: truth, within: tolerance)
        }
      }
    }
    tally.expectSlots(
      of: answer.pool, like: packed.step.pool, but: Set(packed.rows.compactMap(\.slot)),
      "which no sequence has")
    for quantity in Quantity.allCases {
      guard let sum = sums[quantity] else { continue }
      tally.expect("\(quantity.rawValue) of all sequences", sum.found, near: sum.truth, within: sum.tolerance)
    }
  }
}

extension StepAnswer {
  /// Gradients by what all tokens share.
  fileprivate var shared: [Quantity: Tensor] { gradients.filter { $0.key.isSumOverTokens } }
}

extension Tensor {
  fileprivate func magnitudes(times factor: Double) -> Tensor {
    Tensor(shape: shape, precision: precision, values: values.map { $0.magnitude * factor })
  }
}

/// The sequences of a session as one step of training, each as long as what its row took in; some may have no token.
struct PackedSequences {
  let problem: Problem
  let rows: [Schedule.Row]
  let step: Step

  init(_ problem: Problem, isDouble: Bool) throws {
    self.problem = problem
    let (shape, calls) = (problem.shape, problem.calls!)
    let hasState = problem.primals.state != nil
    guard let schedule = try? Schedule(calls, B: shape.B, T: shape.T, hasState: hasState) else {
      throw Inapplicable("no session")
    }
    rows = (0..<shape.B).map { schedule.whole($0, slot: calls.slot(of: $0, B: shape.B), isFresh: !hasState) }
    var draft = Draft(problem)
    draft.take(rows.flatMap(\.tokens), keepingReadouts: true)
    var step = Step(
      .advance, rows: rows.map { Step.Row(slot: $0.slot, tokens: $0.tokens.count, isFresh: $0.isFresh) },
      tokens: try draft.problem(domain: .any), pool: SessionRun.pool(of: problem, calls, isDouble: isDouble),
      contract: problem.contract)
    step.wantsGradients = true
    step.dstates = problem.cotangents.state
    self.step = step
  }

  /// One of them by itself.
  func sequence(_ index: Int) throws -> Problem {
    var draft = Draft(problem)
    draft.take(rows[index].tokens, keepingReadouts: true)
    draft[.stateIn] = problem.primals.state.map { $0.state(index) }
    draft[.dstateOut] = problem.cotangents.state.map { $0.state(index) }
    return try draft.problem(domain: .any)
  }

  /// What was answered of one of them.
  func results(of index: Int, in answer: StepAnswer) -> [Quantity: Tensor] {
    let places = (step.offsets[index]..<step.offsets[index + 1]).map { Int?.some($0) }
    var results = answer.gradients.filter { $0.key.isPerToken }
    results[.y] = answer.y
    results = results.mapValues { $0.selecting(places, axis: 1) }
    results[.dstateIn] = answer.gradients[.dstateIn].map { $0.state(index) }
    results[.stateOut] = rows[index].slot.map { answer.pool.state($0) }
    return results
  }
}
