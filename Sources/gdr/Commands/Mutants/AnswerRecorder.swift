import GatedDeltaRule
import Synchronization

/// An implementation that keeps its first answer, so that other tests may judge it without asking again: a mutant may
/// answer differently the second time.
final class AnswerRecorder: Implementation {
  private let implementation: any Implementation
  private let first = Mutex<Evaluation?>(nil)

  init(_ implementation: any Implementation) { self.implementation = implementation }

  var name: String { implementation.name }
  var summary: String { implementation.summary }
  var declaration: Declaration { implementation.declaration }
  func declaration(for problem: Problem) -> Declaration { implementation.declaration(for: problem) }
  func refusal(of problem: Problem) -> String? { implementation.refusal(of: problem) }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    let answer = try implementation.evaluate(problem, request: request)
    first.withLock { $0 = $0 ?? answer }
    return answer
  }

  /// The first answer since the last time, if there was one.
  func takeAnswer() -> Evaluation? {
    first.withLock { answer in
      defer { answer = nil }
      return answer
    }
  }
}
