import Foundation
import GatedDeltaRule
import Generator
import Machine
import Oracle

extension Command {
  /// `gdr replay RECIPE|FILE|DIRECTORY...`.
  static let replay = Command(
    name: "replay", operands: "RECIPE|FILE|DIRECTORY...", summary: "judge a recipe, or saved cases, again",
    flags: [Flag("only", "NAMES", summary: "these implementations, separated by commas")] + Flag.against
  ) { arguments, context in
    let context = try context.withWorkers(of: arguments)
    guard !arguments.operands.isEmpty else { throw UsageError.missingOperand("RECIPE, FILE or DIRECTORY") }
    var worst = ExitCode.nothing
    for operand in arguments.operands {
      let code =
        isPath(operand)
        ? replaySaved(operand, context)
        : try replay(Recipe(operand), by: implementations(arguments, context), context)
      worst = [worst, code].max { $0.rawValue < $1.rawValue } ?? worst
    }
    return worst
  }

  /// Whether an operand means a file; a recipe starts with its version and has no such file.
  private static func isPath(_ operand: String) -> Bool {
    FileManager.default.fileExists(atPath: operand) || !operand.hasPrefix("v")
  }

  private static func replay(
    _ recipe: Recipe, by implementations: [any Implementation], _ context: Context
  ) throws -> ExitCode {
    // A finding may be that a property is violated, whichever a run would draw here.
    let properties = PropertySelection.affordable(for: recipe)
    let one = try EvaluatedCase(
      recipe, by: implementations, properties: properties,
      threads: ProcessInfo.processInfo.activeProcessorCount)
    context.console.say(recipe.text)
    if properties != .all {
      context.console.say("  too large for every property: those that a run would draw for it are checked")
    }
    for result in one.results {
      context.console.say("  \(result.implementation) " + Report.sentence(result))
    }
    return one.results.contains { $0.failure != nil } ? .findings : .nothing
  }

  private static func replaySaved(_ path: String, _ context: Context) -> ExitCode {
    var worst = ExitCode.nothing
    for file in Folder.filesBelow(path) {
      let code: ExitCode
      switch Corpus.read(file) {
      case .failure(let reason):
        context.console.complain("\(file) \(reason)")
        code = .badFile
      case .success(let finding): code = replay(finding, in: file, context)
      }
      worst = [worst, code].max { $0.rawValue < $1.rawValue } ?? worst
    }
    return worst
  }

  private static func replay(_ finding: Finding, in file: String, _ context: Context) -> ExitCode {
    let replay = Replay(
      finding, at: file, by: context.implementations.first { $0.name == finding.implementation })
    switch replay.outcome {
    case .same, .changed:
      context.console.say(finding.recipe)
      context.console.say("  \(replay.outcome == .same ? "as recorded" : "changed"): \(replay.detail)")
      return replay.outcome == .same ? .nothing : .changed
    case .notEvaluated:
      context.console.say("\(file): not evaluated, \(replay.detail)")
      return .nothing
    case .unreadable:
      context.console.complain("\(file): \(replay.detail)")
      return .badFile
    }
  }
}
