import Dispatch
import GatedDeltaRule
import Synchronization

/// From a problem to an evaluation of it.
extension PropertyRuns {
  /// The same on several threads, and twice at once where evaluations could meet in memory.
  func againAtOnce(bounded: Bool, threads: Int) throws -> [Answer] {
    guard implementation.sharesMemory else { return [try again(bounded: bounded)] }
    let request = Request(arithmetic: arithmetic, threads: threads)
    let both = Mutex<[Result<Evaluation, any Error>]>([])
    DispatchQueue.concurrentPerform(iterations: 2) { [implementation, problem] _ in
      let answer = Result { try Self.evaluate(implementation, problem, request) }
      both.withLock { $0.append(answer) }
    }
    evaluations += 2
    return try both.withLock { $0 }.map { answer(try $0.get(), check, bounded: bounded) }
  }

  /// One evaluation. A refusal, here, means that the property does not apply.
  func evaluate(_ problem: Problem, gradients: Bool) throws -> Evaluation {
    evaluations += 1
    return try Self.evaluate(implementation, problem, Request(arithmetic: arithmetic, gradients: gradients))
  }

  /// One evaluation, on any thread.
  static func evaluate(
    _ implementation: any Implementation, _ problem: Problem, _ request: Request
  ) throws -> Evaluation {
    if let reason = implementation.refusal(of: problem) {
      throw Inapplicable(Inapplicable.refused + "\(reason)")
    }
    guard request.arithmetic == .double || !problem.needsDouble else {
      throw Inapplicable("the inputs need fp64")
    }
    let evaluation = try Self.asking(problem) { try implementation.evaluate(problem, request: request) }
    for quantity in [Quantity.y, .stateOut] where evaluation[quantity] == nil {
      throw NoAnswer(to: problem, "\(quantity.rawValue) is missing")
    }
    for (quantity, tensor) in evaluation.results where !quantity.hasShape(tensor.shape, in: problem.shape) {
      throw NoAnswer(to: problem, "\(quantity.rawValue) has shape \(tensor.shape)")
    }
    return evaluation
  }

  /// An answer; a refusal means that the property does not apply, and what else is thrown that there is none.
  static func asking<Answer>(_ problem: Problem, _ ask: () throws -> Answer) throws -> Answer {
    do {
      return try ask()
    } catch let refusal as Refusal {
      throw Inapplicable(Inapplicable.refused + "\(refusal)")
    } catch let interruption as Interrupted {
      throw interruption
    } catch let breakdown as Breakdown where !breakdown.isRepeatable {
      throw breakdown
    } catch {
      throw NoAnswer(to: problem, "\(error)")
    }
  }
}
