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
    let code = try forEachFailing(arguments, context) { context, recipe, implementation, result in
      guard let explanation = try Explanation(recipe, implementation, of: result.failure) else { return }
      for line in Report.lines(explanation, implementation: implementation) { context.console.say(line) }
    }
    // What its engine is asked is worth knowing where nothing fails, too.
    if code == .nothing, let recipe = try? Recipe(arguments.onlyOperand("RECIPE or FILE")) {
      for line in Report.calls(of: recipe) { context.console.say("  " + line) }
    }
    return code
  }
}
