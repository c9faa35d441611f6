import Foundation
import GatedDeltaRule
import Generator
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

  /// Elements up to which a case is held to every property, some forty evaluations in all.
  private static let everyProperty = 1 << 20

  private static func replay(_ recipe: Recipe, by implementations: [any Implementation], _ context: Context)
    throws
    -> ExitCode
  {
    var court = Court(accused: implementations)
    court.threads = ProcessInfo.processInfo.activeProcessorCount
    // A finding may be that a property is violated, whichever a run would draw here.
    court.checksEveryProperty = recipe.elementCount <= everyProperty
    let hearing = try court.hear(recipe)
    context.console.say(recipe.text)
    if !court.checksEveryProperty {
      context.console.say("  too large for every property: those that a run would draw for it are checked")
    }
    for statement in hearing.statements {
      context.console.say("  \(statement.implementation) " + Report.sentence(statement))
    }
    return hearing.statements.contains { $0.failure != nil } ? .findings : .nothing
  }

  private static func replaySaved(_ path: String, _ context: Context) -> ExitCode {
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    let files = exists && isDirectory.boolValue ? Corpus.filesBelow(path) : [path]
    var worst = ExitCode.nothing
    for file in files {
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
    guard let implementation = context.implementations.first(where: { $0.name == finding.implementation })
    else {
      context.console.say(
        "\(file): not evaluated, \(finding.implementation) is neither built in nor named by --against"
      )
      return .nothing
    }
    context.console.say(finding.recipe)
    switch Replay.hear(finding, implementation) {
    case .same(let judgement):
      context.console.say("  as recorded: \(finding.implementation) " + Report.sentence(judgement))
      return .nothing
    case .changed(let judgement, let change):
      context.console.say("  changed: \(change); \(finding.implementation) " + Report.sentence(judgement))
      return .changed
    case .notTheCase(let reason):
      context.console.complain("\(file): \(reason)")
      return .badFile
    }
  }
}
