import GatedDeltaRule

/// One key head and the value heads that read it: heads do not depend on each other, so that a large answer is checked at
/// the price of one of its groups.
package struct HeadGroup {
  private let head: Int
  private let problem: Problem

  /// - Precondition: there is such a key head.
  package init(_ head: Int, of problem: Problem) {
    precondition((0..<problem.shape.Hk).contains(head))
    (self.head, self.problem) = (head, problem)
  }

  /// What an answer to the whole problem comes to in this group.
  ///
  /// - Throws: `InvalidProblem`.
  package func judgement(of answer: Evaluation, by declaration: Declaration, threads: Int = 1) throws
    -> Judgement
  {
    var draft = Draft(problem)
    draft.select(.Hk, [head])
    draft.select(.Hv, values)
    let check = CrossCheck(try draft.problem(), threads: threads)
    return check.judge(evaluation: part(of: answer), double: nil, declaration: declaration)
  }

  /// The value heads that read it.
  private var values: [Int] {
    let size = problem.shape.Hv / max(1, problem.shape.Hk)
    return Array(head * size..<(head + 1) * size)
  }

  private func part(of answer: Evaluation) -> Evaluation {
    var part = answer
    for (quantity, tensor) in answer.results {
      let axes = quantity.axes(problem.shape.decayKind)
      if let axis = axes.firstIndex(of: .Hk) {
        part.results[quantity] = tensor.selecting([head], axis: axis)
      } else if let axis = axes.firstIndex(of: .Hv) {
        part.results[quantity] = tensor.selecting(values, axis: axis)
      }
    }
    return part
  }
}
