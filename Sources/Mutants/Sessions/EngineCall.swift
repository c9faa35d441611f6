import GatedDeltaRule

/// One call of an engine, and the pool that it changes in place.
struct EngineCall {
  let step: Step
  let kernel: Specimen
  let request: Request
  let fault: SessionFault?
  let memory: EngineMemory
  /// What the call before left in the memory.
  let last: EngineMemory.Contents
  var pool: Tensor
  var y: Tensor?
  var history: Tensor?

  init(_ step: Step, kernel: Specimen, request: Request, fault: SessionFault?, memory: EngineMemory) {
    (self.step, self.kernel, self.request) = (step, kernel, request)
    (self.fault, self.memory, pool) = (fault, memory, step.pool)
    last = memory.use { contents in
      for row in step.rows where row.isFresh {
        contents.shared = contents.shared.filter { $0.key != row.slot && $0.value != row.slot }
      }
      defer {
        if let tokens = step.tokens {
          (contents.rows, contents.offsets) = (step.rows, step.offsets)
          if step.isPadded { contents.mask = tokens.mask }
        }
      }
      return contents
    }
    if let tokens = step.tokens { y = Tensor(shape: tokens.shape.value) }
    if step.wantsHistory { history = Tensor(shape: step.historyShape, precision: pool.precision) }
  }

  /// The rows that the kernel is launched for.
  var rows: [Step.Row] {
    let isCut = fault == .lastOddRowDropped && step.rows.count > 1 && step.rows.count % 2 == 1
    return isCut ? Array(step.rows.dropLast()) : step.rows
  }

  mutating func answer() throws -> StepAnswer {
    switch step.kind {
    case .advance, .verify: try advance()
    case .keep: keep()
    case .fork: fork()
    }
    if fault == .forkShares { writeThrough() }
    return StepAnswer(y: y, pool: pool, history: history)
  }

  private mutating func advance() throws {
    var states = gathered()
    if step.isPadded { try batch(&states) } else { try packed(&states) }
    if step.kind == .advance || fault == .verifyWritesPool { scatter(states) }
  }

  /// The rule on some tokens.
  func run(_ problem: Problem) -> (y: Tensor, state: Tensor) {
    let multiplies = fault == .paddingTimesZero
    let kernel = multiplies ? kernel.with(.maskMultiplies, named: kernel.name, summary: "") : kernel
    let answer = kernel.evaluate(problem, request: request)
    return (answer[.y]!, answer[.stateOut]!)
  }
}
