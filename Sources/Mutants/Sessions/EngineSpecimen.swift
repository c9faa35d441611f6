import GatedDeltaRule

/// A small serving engine around a specimen, right in every respect but for the fault planted in it, if any.
///
/// It does what engines do: the rows of a call lie one after the other behind `cu_seqlens`, or padded in a batch; their
/// states are gathered from the pool and scattered into it in place; drafts leave a snapshot behind each token, and what
/// is kept is one of them.
public struct EngineSpecimen: Implementation {
  /// What a person types after `--only`.
  public let name: String
  /// One sentence.
  public let summary: String
  let kernel: Specimen
  let fault: SessionFault?
  private let memory = EngineMemory()

  init(_ name: String, _ kernel: Specimen, summary: String, fault: SessionFault? = nil) {
    (self.name, self.kernel, self.summary, self.fault) = (name, kernel, summary, fault)
  }

  /// That of the specimen.
  public var declaration: Declaration { kernel.declaration }

  /// That of the specimen.
  public func refusal(of problem: Problem) -> String? { kernel.refusal(of: problem) }

  /// That of the specimen: what is wrong shows in sessions alone.
  public func evaluate(_ problem: Problem, request: Request) -> Evaluation {
    kernel.evaluate(problem, request: request)
  }

  /// One call.
  public func answer(_ step: Step, request: Request) throws -> StepAnswer {
    if let reason = step.tokens.flatMap(refusal) { throw Refusal(reason) }
    var request = request
    request.gradients = false
    var call = EngineCall(step, kernel: kernel, request: request, fault: fault, memory: memory)
    return try call.answer()
  }
}

extension EngineSpecimen {
  /// Rows one after the other, each in one go.
  public static let sequential = EngineSpecimen(
    "engine", .sequential, summary: "a serving engine whose kernel is the recurrence")
  /// Rows one after the other, in chunks that a table lists.
  public static let chunk = EngineSpecimen(
    "engine-chunk", .chunk, summary: "a serving engine whose kernel takes chunks of eight tokens")

  /// The clean ones: a check that fails one of them is wrong.
  public static let clean: [EngineSpecimen] = [sequential, chunk]

  /// The same with a fault.
  func with(_ fault: SessionFault, named name: String, summary: String) -> EngineSpecimen {
    EngineSpecimen(name, kernel, summary: summary, fault: fault)
  }
}
