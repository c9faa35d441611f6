import GatedDeltaRule
import Generator

extension Report {
  /// What is known of a failure: which parts of the recipe matter, where it begins, what it looks like.
  package static func lines(_ explanation: Explanation, implementation: any Implementation) -> [String] {
    ["\(implementation.name) " + sentence(explanation.result), "", "  on " + explanation.recipe.text]
      + notes(explanation, implementation: implementation).map { "  " + $0 }
  }

  /// The same without the verdict and the recipe.
  ///
  /// - Parameter showsPattern: whether it is said which elements are off; not where the case as it was met shows more.
  package static func notes(
    _ explanation: Explanation, implementation: any Implementation, showsPattern: Bool = true
  ) -> [String] {
    let parts = explanation.parts.joined(separator: ", ")
    var lines = showsPattern ? explanation.pattern.map { Report.lines($0, named: "here") } ?? [] : []
    if let wider = explanation.wider, wider.pattern == explanation.telling.first {
      lines += Report.lines(wider.pattern, named: "on a wider case, \(wider.recipe.sizesText)")
    }
    lines.append("the failure depends on: " + (parts.isEmpty ? "no part alone" : parts))
    if let place = explanation.firstOutput {
      lines.append("forward, the first error past its bound is at " + sentence(place, explanation.form))
    }
    if let place = explanation.firstGradient {
      lines.append("backward, the first error past its bound is at " + sentence(place, explanation.form))
    }
    lines += explanation.neighbours.map(sentence)
    let cause = explanation.cause
    lines.append((cause.isLikely ? "likely cause: " : "perhaps: ") + cause.text)
    return lines + calls(of: explanation.recipe)
  }

  /// `fails in this way at T = 69, 133, not at 1 to 4, 68, 70`.
  private static func sentence(_ neighbours: Neighbours) -> String {
    let name = neighbours.axis == .Hv ? "Hv / Hk" : "\(neighbours.axis)"
    return "fails in this way at \(name) = \(sizes(neighbours.failing)), not at \(sizes(neighbours.passing))"
  }

  /// Sizes that follow each other by their ends; others one by one.
  private static func sizes(_ sizes: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for size in sizes {
      if let last = runs.last, last.upperBound + 1 == size {
        runs[runs.count - 1] = last.lowerBound...size
      } else {
        runs.append(size...size)
      }
    }
    return runs.map { run in
      run.count == 1
        ? "\(run.lowerBound)" : "\(run.lowerBound)\(run.count == 2 ? ", " : " to ")\(run.upperBound)"
    }.joined(separator: ", ")
  }

  private static func sentence(_ place: Explanation.Place, _ form: Declaration.Form) -> String {
    let length = if case .chunked(let length) = form { length } else { 64 }
    let inChunk = place.t % length
    return "row \(place.b), token \(place.t) (chunk \(place.t / length), token \(inChunk) of it, "
      + "sub-block \(inChunk / 16) of 16 tokens), \(place.quantity.rawValue), \(number(place.ratio)) times the bound"
  }
}
