import GatedDeltaRule

extension Conformance {
  /// One step of each kind that the worker declares, packed and padded, and the pool both ways.
  mutating func askForSteps(_ worker: Worker) throws(WorkerFault) {
    let steps = declaration.steps
    guard steps.areAny else { return }
    if steps.contains(.verify), !steps.contains(.snapshots) {
      add(
        "verifies drafts",
        .noted("never asked for: it declares no snapshots, and the states behind the drafts are wanted"))
    }
    for isPadded in [false, true] {
      for kind in [Step.Kind.advance, .verify] {
        for wantsHistory in [false, true] {
          let step = sampleStep(kind, isPadded: isPadded, wantsHistory: wantsHistory)
          guard steps.contains(step), kind == .advance || wantsHistory else { continue }
          try ask(worker, step, Conformance.question(step))
        }
      }
    }
    for kind in [Step.Kind.keep, .fork] where steps.contains(sampleStep(kind)) {
      try ask(worker, sampleStep(kind), kind == .keep ? "keeps the first tokens" : "copies a slot")
    }
    if steps.contains(.keptPool) { try askForKeptPool(worker) }
  }

  private func sampleStep(
    _ kind: Step.Kind, isPadded: Bool = false, wantsHistory: Bool = false
  ) -> Step {
    Specimen.step(
      kind, isPadded: isPadded, wantsHistory: wantsHistory, level: level, decay: decay, contract: contract)
  }

  private static func question(_ step: Step) -> String {
    (step.kind == .verify ? "verifies" : "takes") + (step.isPadded ? " padded" : " packed") + " rows"
      + (step.kind == .advance && step.wantsHistory ? " with snapshots" : "")
  }

  private mutating func ask(_ worker: Worker, _ step: Step, _ question: String) throws(WorkerFault) {
    guard let answer = try answer(worker, step, question, keepsPool: false) else { return }
    let plain = try? Alone(worker: worker, deadline: patience.problem).plainAnswer(step, request: Request())
    let complaint = step.complaint(of: answer) ?? plain.flatMap { step.difference(answer, $0) }
    add(question, complaint.map { .failed($0) } ?? .passed(""))
  }

  /// Two steps of a session, the second from the pool that is there, and that one again from the same pool sent.
  private mutating func askForKeptPool(_ worker: Worker) throws(WorkerFault) {
    let question = "keeps the pool"
    let padded = sampleStep(.advance, isPadded: true)
    var step = declaration.steps.contains(padded) ? padded : sampleStep(.advance)
    guard declaration.steps.contains(step), let first = try answer(worker, step, question, keepsPool: true)
    else { return }
    step.pool = first.pool
    let isKept = worker.kept != nil
    guard let second = try answer(worker, step, question, keepsPool: true) else { return }
    worker.kept = nil
    guard let sent = try answer(worker, step, question, keepsPool: true) else { return }
    let words = "from the pool that it keeps it answers something else than from the same pool sent: "
    if let difference = step.difference(second, sent) { return add(question, .failed(words + difference)) }
    add(question, isKept ? .passed("") : .noted("its pool is of a finer format, and is sent every time"))
  }

  /// Nil where there is none, which has been said.
  private mutating func answer(
    _ worker: Worker, _ step: Step, _ question: String, keepsPool: Bool
  ) throws(WorkerFault) -> StepAnswer? {
    do throws(WorkerFault) {
      switch try worker.answer(step, Request(), keepsPool: keepsPool, deadline: patience.problem) {
      case .success(let answer): return answer
      case .failure(let refusal): add(question, .noted("refuses: \(refusal)"))
      }
    } catch {
      guard error.leavesPipeClean else { throw error }
      add(question, .failed("\(error)"))
    }
    return nil
  }
}

/// A worker without a pool of processes.
private struct Alone: Implementation {
  let worker: Worker
  let deadline: Duration
  var name: String { "worker" }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    try worker.evaluate(problem, request, deadline: deadline).get()
  }
}
