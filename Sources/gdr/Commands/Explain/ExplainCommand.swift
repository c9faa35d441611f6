import GatedDeltaRule
import Generator
import Oracle

extension Command {
  /// `gdr explain RECIPE|FILE`.
  static let explain = Command(
    name: "explain", operands: "RECIPE|FILE",
    summary: "say what matters in a failing recipe, and where the error begins",
    flags: [Flag("only", "NAMES", summary: "these implementations, separated by commas")] + Flag.against
  ) { arguments, context in
    let code = try forEachFailing(arguments, context, for: "explain") {
      context, recipe, implementation, result in
      guard
        let explanation = try Explanation(
          recipe, implementation, of: result.failure, amongst: KnownFault.all)
      else {
        return [
          "\(implementation.name) \(Report.sentence(result))",
          "  asked again, it does not fail so: what it answers depends on what it was asked before, or on chance",
        ]
      }
      return Report.lines(explanation, implementation: implementation)
    }
    // What its engine is asked is worth knowing where nothing fails, too.
    if code == .nothing {
      let named = try NamedCase(arguments.onlyOperand("RECIPE or FILE"), arguments)
      for line in Report.calls(of: named.recipe) { context.console.say("  " + line) }
    }
    return code
  }
}
