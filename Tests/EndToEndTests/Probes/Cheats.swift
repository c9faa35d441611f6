import GatedDeltaRule
import Generator
import Implementations
import Synchronization

/// A kernel that is right, behind something that is not.
struct Cheat: Implementation {
  let name = "cheat"
  let declaration = Declaration(offersDouble: false)
  private let answer: @Sendable (Problem, Request, Memory, any Implementation) throws -> Evaluation
  private let memory = Memory()
  private let kernel: any Implementation

  /// What it remembers until it starts afresh.
  final class Memory: Sendable {
    struct Content {
      var answers: [Int: Evaluation] = [:]
      var calls = 0
    }
    let content = Mutex(Content())

    /// Counts a call; from 1.
    func count() -> Int {
      content.withLock { content in
        content.calls += 1
        return content.calls
      }
    }

    /// What is remembered under a key, or what is made now and remembered from now on.
    func remembered(_ key: Int, _ make: () throws -> Evaluation) rethrows -> Evaluation {
      if let known = content.withLock({ $0.answers[key] }) { return known }
      let made = try make()
      content.withLock { $0.answers[key] = made }
      return made
    }
  }

  init(
    _ answer: @escaping @Sendable (Problem, Request, Memory, any Implementation) throws -> Evaluation
  ) {
    self.answer = answer
    kernel = Registry.all.first { $0.name == "sequential" }!
  }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    try answer(problem, request, memory, kernel)
  }

  func startAfresh() { memory.content.withLock { $0 = Memory.Content() } }
}

extension Cheat {
  /// Computes.
  static let honest = Cheat { problem, request, _, kernel in
    try kernel.evaluate(problem, request: request)
  }

  /// Answers what it answered to the first problem of this shape.
  static let byShape = Cheat { problem, request, memory, kernel in
    try memory.remembered(problem.shape.hashValue ^ problem.quantities.hashValue) {
      try kernel.evaluate(problem, request: request)
    }
  }

  /// Computes, and gets it wrong: it reads no initial state and no gates.
  static let faulty = Cheat { problem, request, _, kernel in
    let plain = Primals(
      q: problem.primals.q, k: problem.primals.k, v: problem.primals.v,
      gates: .core(
        g: Tensor(shape: problem.shape.gate, repeating: 1),
        beta: Tensor(shape: problem.shape.token, repeating: 0.5)),
      state: nil)
    return try kernel.evaluate(
      try Problem(
        shape: problem.shape, primals: plain, mask: problem.mask, cotangents: problem.cotangents),
      request: request)
  }

  /// Knows a problem again by sums, which two values that change places leave as they are.
  static let bySums = Cheat { problem, request, memory, kernel in
    let sums = problem.tensors.map { ($0.tensor.values.reduce(0, +) * 1024).rounded() }
    return try memory.remembered(sums.hashValue ^ problem.shape.hashValue ^ problem.mask.hashValue) {
      try kernel.evaluate(problem, request: request)
    }
  }

  /// Computes the first calls of a process, and halves y afterwards.
  static let afterCalls = Cheat { problem, request, memory, kernel in
    var answer = try kernel.evaluate(problem, request: request)
    guard memory.count() > 40, let y = answer[.y] else { return answer }
    answer.results[.y] = Tensor(shape: y.shape, precision: y.precision, values: y.values.map { $0 / 2 })
    return answer
  }

  /// Fills dq with ones.
  static let constant = Cheat { problem, request, _, kernel in
    var answer = try kernel.evaluate(problem, request: request)
    answer.results[.dq] = answer[.dq].map { Tensor(shape: $0.shape, precision: $0.precision, repeating: 1) }
    return answer
  }

  /// Refuses where a key has several equals, or a decay is strong.
  static let choosy = Cheat { problem, request, _, kernel in
    guard problem.tensors.allSatisfy({ $0.input != .g || $0.tensor.values.allSatisfy { $0 > 0.5 } }) else {
      throw Refusal("too hard")
    }
    return try kernel.evaluate(problem, request: request)
  }

  /// Refuses everything once it has been asked a few times.
  static let tired = Cheat { problem, request, memory, kernel in
    guard memory.count() <= 20 else { throw Refusal("licence expired") }
    return try kernel.evaluate(problem, request: request)
  }

  /// Makes zeros of dq where nothing is written, and is right elsewhere.
  static let forgetful = Cheat { problem, request, _, kernel in
    var answer = try kernel.evaluate(problem, request: request)
    guard case .core(_, let beta) = problem.primals.gates, beta.values.allSatisfy({ $0 < 0.05 }) else {
      return answer
    }
    answer.results[.dq] = answer[.dq].map { Tensor(shape: $0.shape, precision: $0.precision, repeating: 0) }
    return answer
  }

  /// Computes where it is told which case it is, and leaves out the state where it is not.
  static let informed = Cheat { problem, request, _, kernel in
    var answer = try kernel.evaluate(problem, request: request)
    guard request.recipe == nil, let y = answer[.y] else { return answer }
    answer.results[.y] = Tensor(shape: y.shape, precision: y.precision, values: y.values.map { $0 * 0.75 })
    return answer
  }

  /// Rounds q, k and v to bf16 and says nothing of it.
  static let coarse = Cheat { problem, request, _, kernel in
    let primals = problem.primals
    let rounded = Primals(
      q: primals.q.coarse, k: primals.k.coarse, v: primals.v.coarse, gates: primals.gates,
      state: primals.state)
    return try kernel.evaluate(
      try Problem(
        shape: problem.shape, primals: rounded, mask: problem.mask, cotangents: problem.cotangents,
        contract: problem.contract, domain: .any), request: request)
  }
}

extension Tensor {
  fileprivate var coarse: Tensor {
    Tensor(shape: shape, precision: precision, values: values.map(Precision.bf16.round))
  }
}
