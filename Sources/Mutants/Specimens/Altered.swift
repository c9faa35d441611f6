import GatedDeltaRule
import Synchronization

/// A clean specimen behind a fault that is none of arithmetic.
struct Altered: Implementation {
  let name: String
  let summary: String
  let clean: Specimen
  let alter: @Sendable (Call) throws -> Evaluation
  private let memory = Memory()

  init(
    name: String, summary: String, clean: Specimen, alter: @escaping @Sendable (Call) throws -> Evaluation
  ) {
    (self.name, self.summary, self.clean, self.alter) = (name, summary, clean, alter)
  }

  var declaration: Declaration { clean.declaration }

  func refusal(of problem: Problem) -> String? { clean.refusal(of: problem) }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    try alter(Call(problem: problem, request: request, clean: clean, memory: memory))
  }
}

/// What an implementation keeps from call to call and should not.
final class Memory: Sendable {
  struct Contents {
    /// Calls so far.
    var calls = 0
    /// A problem that was seen, and what was answered.
    var problem: Problem?
    var answer: Evaluation?
  }

  private let contents = Mutex(Contents())

  /// Reads and changes what is kept.
  func use<Result: Sendable>(_ body: (inout Contents) -> Result) -> Result {
    contents.withLock { body(&$0) }
  }
}

/// One call of an altered specimen.
struct Call: Sendable {
  var problem: Problem
  let request: Request
  let clean: Specimen
  let memory: Memory

  /// The right answer.
  func honest() -> Evaluation { clean.evaluate(problem, request: request) }

  /// The right answer to the same problem with another initial state.
  func honest(state: Tensor?) throws -> Evaluation {
    var primals = problem.primals
    primals.state = state
    let other = try Problem(
      shape: problem.shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents,
      contract: problem.contract, domain: .any)
    return clean.evaluate(other, request: request)
  }

  /// What was kept of the last call, if it was of the same shape and level; then keeps this one.
  func exchange(_ answer: Evaluation) -> (problem: Problem, answer: Evaluation)? {
    memory.use { contents in
      defer { (contents.problem, contents.answer) = (problem, answer) }
      guard let known = contents.problem, let answer = contents.answer, known.shape == problem.shape,
        known.level == problem.level
      else { return nil }
      return (known, answer)
    }
  }

  /// The number of this call, from 0.
  func count() -> Int {
    memory.use { contents in
      defer { contents.calls += 1 }
      return contents.calls
    }
  }
}
