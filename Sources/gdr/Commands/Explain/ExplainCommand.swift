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
    try forEachFailing(arguments, context) { recipe, implementation, result in
      guard let explanation = try Explanation(recipe, implementation, of: result.failure) else { return }
      for line in Report.lines(explanation, implementation: implementation) { context.console.say(line) }
    }
  }
}
