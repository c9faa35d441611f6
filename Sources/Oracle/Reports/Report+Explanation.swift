import GatedDeltaRule
import Generator

extension Report {
  /// What is known of a failure: which parts of the recipe matter, where it begins, what it looks like.
  package static func lines(_ explanation: Explanation, implementation: any Implementation) -> [String] {
    ["\(implementation.name) " + sentence(explanation.result), "", "  on " + explanation.recipe.text]
      + notes(explanation, implementation: implementation).map { "  " + $0 }
  }

  /// The same without the verdict and the recipe.
  package static func notes(_ explanation: Explanation, implementation: any Implementation) -> [String] {
    let parts = explanation.parts.joined(separator: ", ")
    var lines = explanation.pattern.map { Report.lines($0, named: "here") } ?? []
    lines.append("the failure depends on: " + (parts.isEmpty ? "no part alone" : parts))
    if let place = explanation.firstOutput {
      lines.append("forward, the first error past its bound is at " + sentence(place, explanation.form))
    }
    if let place = explanation.firstGradient {
      lines.append("backward, the first error past its bound is at " + sentence(place, explanation.form))
    }
    lines.append("likely cause: " + explanation.likelyCause)
    return lines + calls(of: explanation.recipe)
  }

  private static func sentence(_ place: Explanation.Place, _ form: Declaration.Form) -> String {
    let length = if case .chunked(let length) = form { length } else { 64 }
    let inChunk = place.t % length
    return "row \(place.b), token \(place.t) (chunk \(place.t / length), token \(inChunk) of it, "
      + "sub-block \(inChunk / 16) of 16 tokens), \(place.quantity.rawValue), \(number(place.ratio)) times the bound"
  }
}
