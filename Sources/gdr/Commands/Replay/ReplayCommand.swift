import Foundation
import GatedDeltaRule
import Generator
import Oracle

extension Command {
  /// `gdr replay RECIPE|FILE|DIRECTORY...`.
  static let replay = Command(
    name: "replay", operands: "RECIPE|FILE|DIRECTORY...", summary: "hear a recipe, or saved cases, again",
    flags: [Flag("only", "NAMES", summary: "these implementations, separated by commas")] + Flag.against
  ) { arguments, desk in
    let desk = try desk.joined(by: arguments)
    guard !arguments.operands.isEmpty else { throw UsageError.missingOperand("RECIPE, FILE or DIRECTORY") }
    var worst = ExitCode.nothing
    for operand in arguments.operands {
      let code =
        isPath(operand)
        ? replaySaved(operand, desk) : try replay(Recipe(operand), by: accused(arguments, desk), desk)
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

  private static func replay(_ recipe: Recipe, by accused: [any Implementation], _ desk: Desk) throws
    -> ExitCode
  {
    var court = Court(accused: accused)
    court.threads = ProcessInfo.processInfo.activeProcessorCount
    // A finding may be that a property is violated, whichever a run would draw here.
    court.checksEveryProperty = recipe.elementCount <= everyProperty
    let hearing = try court.hear(recipe)
    desk.console.say(recipe.text)
    if !court.checksEveryProperty {
      desk.console.say("  too large for every property: those that a run would draw for it are checked")
    }
    for statement in hearing.statements {
      desk.console.say("  \(statement.implementation) " + Report.sentence(statement))
    }
    return hearing.statements.contains { $0.failure != nil } ? .findings : .nothing
  }

  private static func replaySaved(_ path: String, _ desk: Desk) -> ExitCode {
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
    let files = exists && isDirectory.boolValue ? Corpus.filesBelow(path) : [path]
    var worst = ExitCode.nothing
    for file in files {
      let code: ExitCode
      switch Corpus.read(file) {
      case .failure(let reason):
        desk.console.complain("\(file) \(reason)")
        code = .badFile
      case .success(let finding): code = replay(finding, in: file, desk)
      }
      worst = [worst, code].max { $0.rawValue < $1.rawValue } ?? worst
    }
    return worst
  }

  private static func replay(_ finding: Finding, in file: String, _ desk: Desk) -> ExitCode {
    guard let implementation = desk.subjects.first(where: { $0.name == finding.implementation }) else {
      desk.console.say(
        "\(file): not heard, \(finding.implementation) is neither built in nor brought along with --against")
      return .nothing
    }
    desk.console.say(finding.recipe)
    switch Replay.hear(finding, implementation) {
    case .same(let judgement):
      desk.console.say("  as recorded: \(finding.implementation) " + Report.sentence(judgement))
      return .nothing
    case .changed(let judgement, let change):
      desk.console.say("  changed: \(change); \(finding.implementation) " + Report.sentence(judgement))
      return .changed
    case .notTheCase(let reason):
      desk.console.complain("\(file): \(reason)")
      return .badFile
    }
  }
}
