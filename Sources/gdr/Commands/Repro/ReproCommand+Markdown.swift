import GatedDeltaRule
import Generator
import Oracle

extension Command {
  /// A report that can be pasted where bugs are reported: what is wrong and where, what is known of it, how to see it again
  /// with this tool and without.
  static func report(_ arguments: Arguments, _ context: Context) throws -> ExitCode {
    let operand = try arguments.onlyOperand("RECIPE or FILE")
    let framework = try framework(arguments)
    return try forEachFailing(arguments, context, for: "repro --markdown") {
      context, recipe, implementation, result in
      guard
        let explanation = try Explanation(recipe, implementation, of: result.failure, amongst: KnownFault.all)
      else { return }
      let notes = Report.notes(explanation, implementation: implementation)
      let command = "gdr replay \(recipe.text) \(context.replayFlags(of: implementation.name))"
      var named = try NamedCase(operand, arguments)
      let givesFactors = named.takeFactors()
      var lines = [
        "### \(implementation.name): \(title(of: result))", "",
        "On one case of the gated delta rule, \(implementation.name) "
          + Report.sentence(result) + ".", "", "```text",
      ]
      lines += notes + ["```", "", "With gdr \(version):", "", "```sh", command, "```"]
      do {
        try check(named, operand)
        if let broken = result.brokenProperty {
          throw BadFile(
            path: operand, reason: "a script compares with the rule, and this violates \(broken.name)")
        }
        let script = try ReproScript(named.recipe, framework, for: implementation, why: nil)
        lines += [
          "",
          "Without it, a script that needs Python and \(framework.rawValue) alone\(givesFactors ? ", and gives g where the case gives log g" : ""):",
          "",
        ]
        lines +=
          script.isSmall
          ? [
            "<details><summary>repro.py</summary>", "", "```python",
            String(script.text(beside: nil).dropLast()), "```", "", "</details>",
          ]
          : [
            "`gdr repro '\(named.recipe.text)' --for \(framework.rawValue) --to repro.py` writes it, with its numbers beside it."
          ]
      } catch let reason as BadFile {
        lines += ["", "It has no script without gdr: \(reason.reason)."]
      }
      context.console.give(lines.joined(separator: "\n"))
    }
  }

  /// What is wrong, for a title.
  private static func title(of result: CaseResult) -> String {
    if let broken = result.brokenProperty { return "violates \(broken.name)" }
    if case .memory = result.judgement.verdict { return "memory" }
    guard case .disagrees(let disagreement) = result.judgement.verdict else { return "no answer" }
    let wrong = result.failure?.results?.map(\.rawValue) ?? [disagreement.quantity.rawValue]
    return "\(wrong.joined(separator: ", ")) \(wrong.count == 1 ? "is" : "are") wrong"
  }
}
