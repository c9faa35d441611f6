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
    return try forEachFailing(arguments, context, for: "shrink") {
      [profile] context, recipe, implementation, result in
      let (shrunk, _) = Shrinker().shrink(recipe, result, of: implementation, in: profile)
      return [
        "\(implementation.name), \(Report.reduction(shrunk)):",
        "  gdr replay \(shrunk.recipe.text) \(context.replayFlags(of: implementation.name))",
      ]
    }
  }
}
