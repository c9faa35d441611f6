import GatedDeltaRule
import Generator

/// From an implementation to what it comes to.
extension CrossCheck {
  /// Asks for a refusal, runs in the working arithmetic and, where it is offered, in fp64, and compares with the
  /// reference.
  public func judge(_ implementation: any Implementation) -> CaseResult {
    judge(implementation, properties: .none)
  }

  /// The same, and if the answer agrees, holds it to properties: what is degraded is known to lose what they would only
  /// show again.
  ///
  /// - Parameters:
  ///   - weighsEvidence: whether an answer that agrees is compared with twins, where the bound says too little.
  ///   - doubles: in which cases its run in fp64 is asked for, where it is offered. Whoever fails without is asked for it
  ///     all the same, so that a failure is the same one where the case is looked at again.
  package func judge(
    _ implementation: any Implementation, properties: PropertySelection, weighsEvidence: Bool = false,
    doubles: DoubleRuns = .always
  ) -> CaseResult {
    let result = judge(implementation, properties, weighsEvidence, doubles)
    guard result.judgement.leavesDoubleOut, result.failure != nil, let evaluation = result.evaluation else {
      return result
    }
    let judgement = judgement { try judge(implementation, answering: evaluation, .always) }
    guard case .agrees = judgement.verdict else {
      return CaseResult(implementation, judgement, evaluation: evaluation)
    }
    var whole = result
    (whole.judgement.doubleRatios, whole.judgement.leavesDoubleOut) = (judgement.doubleRatios, false)
    return whole
  }

  private func judge(
    _ implementation: any Implementation, _ properties: PropertySelection, _ weighsEvidence: Bool,
    _ doubles: DoubleRuns
  ) -> CaseResult {
    let need = MemoryNeed(judging: implementation, on: problem.shape, threads: threads)
    if let reason = need.refusal {
      return CaseResult(implementation, Judgement(lackingMemory: reason))
    }
    var (judgement, evaluation) = compare(implementation, doubles)
    var evidence: CaseEvidence?
    let weighs = weighsEvidence || properties == .showing(kind: Failure.systematic)
    if weighs, case .agrees = judgement.verdict, let evaluation {
      evidence = weigh(
        evaluation, &judgement, implementation.declaration(for: problem, answering: evaluation))
    }
    guard case .agrees = judgement.verdict, let evaluation, properties != .none else {
      return CaseResult(implementation, judgement, evaluation: evaluation, evidence: evidence)
    }
    let held = HeldProperties(
      self.properties(properties), by: implementation, evaluation: evaluation, check: self)
    if held.wasInterrupted { return CaseResult(implementation, Judgement(Interrupted())) }
    if let breakdown = held.breakdown {
      (judgement.verdict, judgement.isRepeatable) = (.failed(breakdown.description), breakdown.isRepeatable)
    }
    if judgement.note == nil, let reason = held.refusedSteps {
      judgement.note = "the session is not judged, since a step of it is \(reason)"
    }
    // A verdict has one note, and its own goes first.
    if judgement.note == nil, let name = held.degraded.first {
      judgement.note = "\(name) holds but for rounding that the algorithm amplifies"
    }
    return CaseResult(implementation, judgement, evaluation: evaluation, held, evidence: evidence)
  }

  /// How an implementation fails on a recipe, or nil; on a recipe that makes no problem nothing fails.
  ///
  /// - Parameter known: a failure to look for: if it is a violated property, that property alone is checked. Where
  ///   none is known, every property is.
  package static func failure(
    of implementation: any Implementation, on recipe: Recipe, like known: Failure? = nil
  ) -> Failure? {
    (try? CrossCheck(recipe))?.judge(implementation, properties: .like(known)).failure
  }

  /// Evaluates and compares with the reference. With the answer in the working arithmetic, if there is one.
  private func compare(
    _ implementation: any Implementation, _ doubles: DoubleRuns
  ) -> (Judgement, Evaluation?) {
    if let reason = refusalOfContract(implementation) ?? implementation.refusal(of: problem) {
      return (Judgement(verdict: .refused(reason)), nil)
    }
    var answer: Evaluation?
    let judgement = judgement {
      if problem.needsDouble { return try judgeInDouble(implementation) }
      let evaluation = try whileMeasuring({ measure(for: implementation) }, ask: implementation) {
        try implementation.evaluate(problem, request: request(.working))
      }
      answer = evaluation
      return try judge(implementation, answering: evaluation, doubles)
    }
    return (judgement, answer)
  }

  /// What an answer in the working arithmetic comes to, with the run in fp64 beside it unless it passes without.
  private func judge(
    _ implementation: any Implementation, answering evaluation: Evaluation, _ doubles: DoubleRuns
  ) throws -> Judgement {
    let declaration = implementation.declaration(for: problem, answering: evaluation)
    var double: Evaluation?
    var judgement: Judgement
    if let passing = passing(evaluation, without: doubles, implementation, declaration) {
      judgement = passing
    } else {
      double = try self.double(implementation)
      judgement = judge(evaluation: evaluation, double: double, declaration: declaration)
    }
    judgement.excused = excused(from: evaluation)
    standUnderThePlainLaw(&judgement, evaluation, declaration)
    if var found = judgement.verdict.amplified,
      let cause = causeBesideAmplification(implementation, declaration, found, judgement)
    {
      found.cause = cause
      judgement.verdict = .disagrees(found)
    }
    judgement.put(memory: evaluation.memory.isEmpty ? double?.memory ?? [] : evaluation.memory)
    return judgement
  }

  /// The judgement of an answer that passes without a run in fp64, where that may be left out; nil where it is to be asked for.
  private func passing(
    _ evaluation: Evaluation, without doubles: DoubleRuns, _ implementation: any Implementation,
    _ declaration: Declaration
  ) -> Judgement? {
    guard implementation.declaration.offersDouble, doubles.mayBeLeftOut(drawnBy: seed),
      exact(for: declaration) != nil || uninformative(for: declaration).isEmpty
    else { return nil }
    var judgement = judge(evaluation: evaluation, double: nil, declaration: declaration)
    guard case .agrees = judgement.verdict, judgement.uninformative.isEmpty else { return nil }
    judgement.leavesDoubleOut = true
    return judgement
  }

  /// A judgement, or why there is none.
  private func judgement(_ judge: () throws -> Judgement) -> Judgement {
    do {
      return try judge()
    } catch let refusal as Refusal {
      return Judgement(verdict: .refused(refusal.description))
    } catch let interruption as Interrupted {
      return Judgement(interruption)
    } catch {
      var judgement = Judgement(verdict: .failed("\(error)"))
      judgement.isRepeatable = (error as? Breakdown)?.isRepeatable ?? true
      return judgement
    }
  }

  /// Results that are missing and that an honest answer may be without: the gradient of a state that is not there, and that
  /// by a factor g next to nothing of a kernel that computes by log g, whose gradient by that underflows.
  private func excused(from evaluation: Evaluation) -> [Quantity] {
    var some: [Quantity] = []
    if evaluation[.dstateIn] == nil, problem.primals.state == nil { some.append(.dstateIn) }
    if evaluation[.dg] == nil, hasVanishingFactor { some.append(.dg) }
    return some
  }

  /// Whether g is given and that of a live token is next to nothing.
  private var hasVanishingFactor: Bool {
    guard case .core(let g, _) = problem.primals.gates, !problem.givesLogDecay else { return false }
    let width = problem.shape.Hv * problem.shape.decayWidth
    return g.values.indices.contains { i in
      !(g.values[i] >= 1e-30) && problem.mask.map { $0.live[i / width] } ?? true
    }
  }

  /// Why an implementation is not asked: it computes another rule.
  private func refusalOfContract(_ implementation: any Implementation) -> String? {
    guard let declared = implementation.declaration(for: problem).contract,
      declared.acting(at: problem.level) != problem.contract.acting(at: problem.level)
    else { return nil }
    return "computes the contract \(declared), the case asks for \(problem.contract)"
  }

  private func request(_ arithmetic: Request.Arithmetic) -> Request {
    Request(arithmetic: arithmetic, recipe: recipe, threads: threads)
  }

  /// The run in fp64 where it is offered and not refused for this problem.
  private func double(_ implementation: any Implementation) throws -> Evaluation? {
    guard implementation.declaration.offersDouble else { return nil }
    do {
      return try implementation.evaluate(problem, request: request(.double))
    } catch is Refusal {
      return nil
    }
  }

  /// Judges the run in fp64 alone: the working arithmetic would see other inputs.
  private func judgeInDouble(_ implementation: any Implementation) throws -> Judgement {
    let answer = try implementation.evaluate(problem, request: request(.double))
    var judgement = judge(inDouble: answer, of: implementation)
    judgement.put(memory: answer.memory)
    return judgement
  }

  private func judge(inDouble answer: Evaluation, of implementation: any Implementation) -> Judgement {
    guard answer.results.values.allSatisfy({ $0.precision == .fp64 }) else {
      return Judgement(verdict: .refused("does not run in fp64, which the inputs need"))
    }
    if let fault = fault(in: answer) { return Judgement(verdict: .failed(fault)) }
    let declaration = implementation.declaration(for: problem, answering: answer)
    let (law, exact) = governing(declaration) { compareDouble(answer, declaration: $0) }
    var judgement = Judgement(verdict: .agrees(ratio: exact.map(\.ratio).max() ?? 0))
    judgement.peakBytes = answer.peakBytes
    judgement.note = unmadeRoundings(declaration, law)
    for comparison in exact { judgement.doubleRatios[comparison.quantity] = comparison.ratio }
    if let found = disagreement(answer, [], answer, exact, declaration) {
      guard !isExactButForSoftplus(answer, declaration: declaration) else {
        judgement.verdict = .agrees(ratio: 1)
        judgement.note = CrossCheck.softplusNote
        return judgement
      }
      judgement.verdict = .disagrees(found)
    }
    return judgement
  }
}
