//  What an engine that serves a model does with the kernels below it, as plainly as it can be said:
//
//    prompts        UT/WY over chunks
//    single tokens  the recurrence as written
//    drafts         the recurrence as written, which leaves the state behind each of them
//
//  Rows of both kinds come in one call. Each kernel gets all of it, with the rows of the other as rows of padding, and the
//  pool that the first one leaves is what the second one begins with.

import GatedDeltaRule

/// Steps of a session by whichever kernel is made for a row.
struct ServingEngine: Implementation {
  let name = "session"
  let summary = "a serving engine: prompts in chunks, single tokens and drafts one by one"
  /// For prompts and for single tokens.
  let chunked, single: any Implementation

  /// The rounding is that of the chunked form.
  var declaration: Declaration {
    var declaration = chunked.declaration
    (declaration.promisesBits, declaration.promises) = (false, [.repetition, .batch])
    return declaration
  }

  func refusal(of problem: Problem) -> String? {
    problem.calls == nil ? "takes sessions only: several calls on a pool of states" : nil
  }

  /// All tokens as one prompt.
  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    if let reason = refusal(of: problem) { throw Refusal(reason) }
    return try chunked.evaluate(problem, request: request)
  }

  func workingBytes(for shape: Shape, threads: Int) -> Double {
    [chunked, single].map { $0.workingBytes(for: shape, threads: threads) }.max() ?? 0
  }

  func answer(_ step: Step, request: Request) throws -> StepAnswer {
    guard step.kind == .advance, !step.wantsHistory, let tokens = step.tokens else {
      return try single.answer(step, request: request)
    }
    let ofPrompts = try chunked.answer(step.padding { $0.tokens == 1 }, request: request)
    var rest = step.padding { $0.tokens != 1 }
    rest.pool = ofPrompts.pool
    var answer = try single.answer(rest, request: request)
    guard let y = ofPrompts.y else { return answer }
    // Where the other kernel had a row of padding, its output is that of this one.
    let width = y.shape.dropFirst(2).reduce(1, *)
    for (index, row) in step.rows.enumerated() where row.tokens != 1 {
      let first = (step.isPadded ? index * tokens.shape.T : step.offsets[index]) * width
      for i in first..<first + row.tokens * width { answer.y?.values[i] = y.values[i] }
    }
    return answer
  }
}

extension Step {
  /// The same with some of its rows as rows of padding.
  fileprivate func padding(_ isLeft: (Row) -> Bool) -> Step {
    var step = self
    for index in rows.indices where isLeft(rows[index]) { step.rows[index].slot = nil }
    return step
  }
}
