import GatedDeltaRule
import Generator
import Oracle

extension Command {
  /// A report that can be pasted where bugs are reported: what is wrong and where, what is known of it, how to see it again
  /// with this tool and without.
  static func report(_ arguments: Arguments, _ context: Context) throws -> ExitCode {
    let operand = try arguments.onlyOperand("RECIPE or FILE")
    let framework = try framework(arguments)
    let named = try NamedCase(operand, arguments)
    return try forEachFailing(
      arguments, context, for: "repro --markdown", silence: { $0.complain($1) },
      tell: { if !$1.isEmpty { $0.give($1.joined(separator: "\n")) } }
    ) {
      context, recipe, implementation, result in
      guard
        let explanation = try Explanation(recipe, implementation, of: result.failure, amongst: KnownFault.all)
      else { return [] }
      let head = [
        "### \(implementation.name): \(title(of: result, explanation))", "",
        "On one case of the gated delta rule, \(implementation.name) \(Report.sentence(result)).", "",
      ]
      let command = "gdr replay \(recipe.text) \(context.replayFlags(of: implementation.name))"
      return
        head + fenced(Report.notes(explanation, implementation: implementation), as: "text")
        + ["", "With gdr \(version):", ""] + fenced([command], as: "sh") + [""]
        + (try script(named, operand, framework, showing: result, of: implementation))
    }
  }

  /// The same without gdr, or why there is none.
  private static func script(
    _ named: NamedCase, _ operand: String, _ framework: ReproScript.Framework, showing result: CaseResult,
    of implementation: any Implementation
  ) throws -> [String] {
    if let broken = result.brokenProperty {
      return [
        "It has no script without gdr: a script compares with the rule, and this violates \(broken.name)."
      ]
    }
    var named = named
    let takesFactors = named.takeFactors()
    do throws(BadFile) {
      try check(named, operand)
    } catch {
      return ["It has no script without gdr: \(error.reason)."]
    }
    let script = try ReproScript(named.recipe, framework, for: implementation, why: nil)
    let note = takesFactors ? ", and gives g where the case gives log g" : ""
    let head = ["Without it, a script that needs Python and \(framework.rawValue) alone\(note):", ""]
    guard script.isSmall else {
      let command = "gdr repro \(named.recipe.text) --for \(framework.rawValue) --to repro.py"
      return head + ["`\(command)` writes it, with its numbers beside it."]
    }
    let text = String(script.text(beside: nil).dropLast())
    return head + ["<details><summary>repro.py</summary>", ""] + fenced([text], as: "python")
      + ["", "</details>"]
  }

  private static func fenced(_ lines: [String], as language: String) -> [String] {
    ["```" + language] + lines + ["```"]
  }

  /// What is wrong, for a title: on a wider case, where there is one, since a reduced one hides what it has one of.
  private static func title(of result: CaseResult, _ explanation: Explanation) -> String {
    if let broken = result.brokenProperty { return "violates \(broken.name)" }
    if case .memory = result.judgement.verdict { return "memory" }
    guard case .disagrees(let disagreement) = result.judgement.verdict else { return "no answer" }
    let wrong =
      explanation.wider?.pattern.parts.map(\.quantity) ?? result.failure?.results ?? [disagreement.quantity]
    let names = wrong.map(\.rawValue).joined(separator: ", ")
    return "\(names) \(wrong.count == 1 ? "is" : "are") wrong"
  }
}
