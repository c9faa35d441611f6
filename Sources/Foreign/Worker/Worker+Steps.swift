import GatedDeltaRule
import Machine

extension Worker {
  /// The answer to a step, or a refusal.
  ///
  /// - Parameter keepsPool: whether the worker does, so that it is sent only if it is another than that which it answered
  ///   last. A new session begins with each that is sent, and the one before is over.
  /// - Throws: a `WorkerFault` for everything else; what the worker keeps is then not relied on.
  func answer(
    _ step: Step, _ request: Request, keepsPool: Bool, deadline: Duration
  ) throws(WorkerFault) -> Result<StepAnswer, Refusal> {
    problems += 1
    var frame = Frame(step)
    put(request, contract: step.contract, in: &frame)
    if keepsPool {
      if kept?.hasBits(of: step.pool) == true {
        frame.entries[Frame.pool] = nil
      } else {
        sessions += 1
        session = named(sessions)
      }
      frame.metadata["session"] = session
    }
    kept = nil
    let reply = try ask(frame, limit: Worker.limit(step), deadline: deadline)
    if let reason = reply.metadata["refusal"] { return .failure(Refusal(oneLine(reason))) }
    guard reply.memory.isEmpty else { throw .memory(reply.memory) }
    do throws(InvalidCase) {
      let answer = try StepAnswer(frame: reply, to: step, arithmetic: request.arithmetic)
      if keepsPool, answer.keepsEveryBit(of: reply, to: step) { kept = answer.pool }
      return .success(answer)
    } catch {
      throw .invalid(error)
    }
  }

  /// Bytes that the answer to a step has in fp64, and half as many again.
  private static func limit(_ step: Step) -> Int {
    var shapes = [step.pool.shape] + Array(step.gradientShapes.values)
    if let tokens = step.tokens { shapes.append(tokens.shape.value) }
    if step.wantsHistory { shapes.append(step.historyShape) }
    return shapes.reduce(0) { $0 + $1.reduce(1, *) } * 12 + 1 << 16
  }
}

extension StepAnswer {
  /// Whether its pool is what was written in the reply, which may have had a finer format.
  fileprivate func keepsEveryBit(of reply: Frame, to step: Step) -> Bool {
    guard case .numbers(let written) = reply.turningStates(step.contract).entries[Frame.pool] else {
      return false
    }
    return zip(written.values, pool.values).allSatisfy { $0.bitPattern == $1.bitPattern }
  }
}
