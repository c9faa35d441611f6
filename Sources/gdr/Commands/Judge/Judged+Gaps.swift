import Foreign
import GatedDeltaRule
import Machine
import Oracle

extension Judged {
  /// What was not judged, in a sentence each.
  var gaps: [String] {
    var gaps: [String] = []
    if wasInterrupted { gaps.append("the run was interrupted") }
    if evaluated == 0, summary.failures.isEmpty {
      gaps.append(
        "nothing was evaluated" + ((summary.refusedByAll ?? unanswered ?? tooSlow).map { ": \($0)" } ?? ""))
    } else if evaluated < Judged.fewest {
      gaps.append(
        "\(counted(evaluated, "case")) are too few to pass by: \(Judged.fewest) at least (--for, --cases)"
      )
    }
    if evaluated > 0, let unanswered { gaps.append(unanswered) }
    if needsGradients, let missing = missingGradients { gaps.append(missing) }
    let (byWhim, byValue) = (blind.tallies[.whim]?.broken ?? 0, blind.tallies[.tame]?.broken ?? 0)
    if byWhim > 0 {
      gaps.append("\(counted(byWhim, "case")) refused that it takes when it is asked again, or afresh")
    } else if byValue > 0, !acceptsRefusals {
      gaps.append(
        "\(counted(byValue, "case")) refused for what they hold, where the same sizes with ordinary values are taken"
      )
    }
    return gaps + summary.healthProblems.map(\.description)
  }

  /// Why there is no case, where answers came.
  private var tooSlow: String? {
    summary.cases == 0 ? "the time was up while it was asked what it takes, or with its first case" : nil
  }

  /// Fewer cases say too little of what is right.
  private static let fewest = 10

  /// How long an answer was waited for that did not come, where that is more than any other took.
  private var unanswered: String? {
    guard let program = Context.innermost(blind) as? Program else { return nil }
    func sentence(_ waited: Duration) -> String {
      "no answer within \(Int(waited / .seconds(1))) s when the time was up"
    }
    if program.unstarted >= .seconds(1) { return sentence(program.unstarted) }
    return program.unanswered >= max(.seconds(1), program.longestAnswer * 3)
      ? sentence(program.unanswered) : nil
  }

  /// What it declares that it does not answer, and so nobody judged.
  var missingGradients: String? {
    let missing = Quantity.allCases.filter { blind.declaration.withoutGradients.contains($0) }
    guard !missing.isEmpty else { return nil }
    let names = missing.map(\.rawValue).joined(separator: ", ")
    return "it declares that it has no \(names), which nobody judged"
  }
}
