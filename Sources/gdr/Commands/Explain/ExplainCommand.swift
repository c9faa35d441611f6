import Foundation
import GatedDeltaRule
import Generator
import Oracle

extension Command {
  /// `gdr shrink RECIPE|FILE`.
  static let shrink = Command(
    name: "shrink", operands: "RECIPE|FILE", summary: "the simplest recipe that still fails in the same way",
    flags: [Flag("only", "NAMES", summary: "these implementations, separated by commas"), Flag.families]
      + Flag.against
  ) { arguments, desk in
    var profile = Profile.standard
    profile.families = try families(arguments)
    return try forEachFailing(arguments, desk) { [profile] recipe, implementation, failure in
      let result = Shrinker().shrink(recipe, failing: failure) { recipe in
        profile.takes(recipe) ? Court.failure(of: implementation, on: recipe, like: failure) : nil
      }
      let end = result.isMinimal ? "nothing simpler fails so" : "the budget ended first"
      desk.console.say("\(implementation.name), \(result.evaluations) evaluations, \(end):")
      desk.console.say("  gdr replay \(result.recipe.text) --only \(implementation.name)")
    }
  }

  /// `gdr explain RECIPE|FILE`.
  static let explain = Command(
    name: "explain", operands: "RECIPE|FILE",
    summary: "what matters in a failing recipe, and where it goes wrong",
    flags: [Flag("only", "NAMES", summary: "these implementations, separated by commas")] + Flag.against
  ) { arguments, desk in
    try forEachFailing(arguments, desk) { recipe, implementation, _ in
      guard let explanation = try Explanation(recipe, implementation) else { return }
      for line in Report.lines(explanation, implementation: implementation) { desk.console.say(line) }
    }
  }

  /// Every implementation that fails on the operand; controls too, since somebody asks for them.
  private static func forEachFailing(
    _ arguments: Arguments, _ desk: Desk, _ body: (Recipe, any Implementation, Failure) throws -> Void
  ) throws -> ExitCode {
    let operand = try arguments.onlyOperand("RECIPE or FILE")
    let desk = try desk.joined(by: arguments)
    var accused = try accused(arguments, desk)
    if arguments.value("only") == nil, desk.guests.isEmpty { accused = desk.subjects }
    var recipe = operand
    if FileManager.default.fileExists(atPath: operand) {
      do {
        let finding = try Corpus.read(operand).get()
        recipe = finding.recipe
        if arguments.value("only") == nil { accused = accused.filter { $0.name == finding.implementation } }
      } catch {
        throw BadFile(path: operand, reason: "\(error)")
      }
    }
    let parsed = try Recipe(recipe)
    _ = try parsed.render()
    var hasFailures = false
    for implementation in accused {
      guard let failure = Court.failure(of: implementation, on: parsed) else { continue }
      hasFailures = true
      try body(parsed, implementation, failure)
    }
    if !hasFailures { desk.console.say("nobody fails on \(recipe)") }
    return hasFailures ? .findings : .nothing
  }
}
