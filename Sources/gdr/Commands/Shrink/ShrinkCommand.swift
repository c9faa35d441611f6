import GatedDeltaRule
import Generator
import Oracle

extension Command {
  /// `gdr shrink RECIPE|FILE`.
  static let shrink = Command(
    name: "shrink", operands: "RECIPE|FILE",
    summary: "find the simplest recipe that still fails in the same way",
    flags: [Flag("only", "NAMES", summary: "these implementations, separated by commas"), Flag.families]
      + Flag.against
  ) { arguments, context in
    var profile = Profile.standard
    profile.families = try families(arguments)
    return try forEachFailing(arguments, context) { [profile] recipe, implementation, failure in
      let result = Shrinker().shrink(recipe, failing: failure) { recipe in
        profile.takes(recipe) ? Court.failure(of: implementation, on: recipe, like: failure) : nil
      }
      let end = result.isMinimal ? "minimal: no simpler recipe shows this failure" : "the budget ended first"
      context.console.say("\(implementation.name), \(result.evaluations) evaluations, \(end):")
      context.console.say("  gdr replay \(result.recipe.text) --only \(implementation.name)")
    }
  }
}
