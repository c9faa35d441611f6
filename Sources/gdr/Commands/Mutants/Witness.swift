import GatedDeltaRule
import Synchronization

/// Stands before an implementation and writes down its first answer, so that others may judge it without asking
/// again: a mutant may answer differently the second time.
final class Witness: Implementation {
  private let subject: any Implementation
  private let heard = Mutex<Evaluation?>(nil)

  init(_ subject: any Implementation) { self.subject = subject }

  var name: String { subject.name }
  var summary: String { subject.summary }
  var declaration: Declaration { subject.declaration }
  func declaration(for problem: Problem) -> Declaration { subject.declaration(for: problem) }
  func refusal(of problem: Problem) -> String? { subject.refusal(of: problem) }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    let answer = try subject.evaluate(problem, request: request)
    heard.withLock { $0 = $0 ?? answer }
    return answer
  }

  /// The first answer since the last time, if there was one.
  func takeAnswer() -> Evaluation? {
    heard.withLock { answer in
      defer { answer = nil }
      return answer
    }
  }
}
