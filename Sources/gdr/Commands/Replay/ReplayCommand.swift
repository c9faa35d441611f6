import Foundation
import GatedDeltaRule
import Generator
import Machine
import Oracle

extension Command {
  /// `gdr replay RECIPE|FILE|DIRECTORY...`.
  static let replay = Command(
    name: "replay", operands: "RECIPE|FILE|DIRECTORY...", summary: "judge a recipe, or saved cases, again",
    flags: [
      Flag("only", "NAMES", summary: "these implementations, and saved cases of these; separated by commas"),
      Flag("family", summary: "fresh cases of each recipe, with other seeds, judged together"),
      Flag("cases", "N", needs: "family", summary: "how many of them at most (256)"),
    ] + Flag.against
  ) { arguments, context in
    let context = try context.withWorkers(of: arguments)
    guard !arguments.operands.isEmpty else { throw UsageError.missingOperand("RECIPE, FILE or DIRECTORY") }
    let asked = arguments.has("only") ? try implementations(arguments, context).map(\.name) : nil
    var outcomes: [SavedCase.Outcome] = []
    for operand in arguments.operands {
      if NamedCase.isPath(operand), !NamedCase.isOfTensors(operand) {
        guard !arguments.has("family") else { throw UsageError.familyOfFile(operand) }
        outcomes += Folder.filesBelow(operand).map {
          SavedCase($0, below: operand).replay(context, only: asked)
        }
      } else {
        let chosen = try implementations(arguments, context)
        do {
          let recipe = try NamedCase(operand, arguments).recipe
          outcomes.append(
            arguments.has("family")
              ? try replay(family: recipe, by: chosen, arguments, context)
              : try replay(recipe, by: chosen, context))
        } catch let error as RecipeError {
          context.console.complain(error)
          outcomes.append(.notEvaluated(.badFile))
        }
      }
    }
    let left = outcomes.count { if case .leftOut = $0 { true } else { false } }
    if left > 0 {
      context.console.say("\(left) saved case\(left == 1 ? "" : "s") of other implementations, not evaluated")
    }
    // What was found must not be hidden by a file that cannot be read.
    let codes = outcomes.map(\.code)
    let worst = [ExitCode.findings, .changed, .badFile].first(where: codes.contains) ?? .nothing
    guard worst == .nothing, !outcomes.contains(where: \.isEvaluated) else { return worst }
    let names = outcomes.lazy.compactMap(\.refusing).first
    context.console.complain("nothing was evaluated" + (names.map { ": refused by \($0)" } ?? ""))
    return .badFile
  }

  /// What no case shows by itself is shown by many of one kind.
  private static func replay(
    family recipe: Recipe, by implementations: [any Implementation], _ arguments: Arguments,
    _ context: Context
  ) throws -> SavedCase.Outcome {
    let limit = try arguments.integer("cases", in: 1...1_000_000) ?? 256
    context.console.say("the family of \(recipe.text)")
    let progress = JobProgress("families", of: implementations.count)
    defer { progress.clear() }
    let trials = try implementations.map { implementation in
      progress.note(implementation.name)
      defer { progress.advance() }
      return try FamilyTrial(recipe, implementation, limit: limit)
    }
    progress.clear()
    for trial in trials {
      let name = trial.result.implementation
      context.console.say(
        "  \(name), \(trial.cases) case\(trial.cases == 1 ? "" : "s"), \(trial.compared) of them compared with twins: "
          + Report.sentence(trial.result))
      if let failing = trial.recipe {
        context.console.say("  gdr replay \(failing.text) \(context.replayFlags(of: name))")
      }
    }
    if trials.allSatisfy({ $0.result.grade == .refused }) {
      return .refused(by: trials.map(\.result.implementation).joined(separator: ", "))
    }
    return .evaluated(trials.contains { $0.result.failure != nil } ? .findings : .nothing)
  }

  private static func replay(
    _ recipe: Recipe, by implementations: [any Implementation], _ context: Context
  ) throws -> SavedCase.Outcome {
    // A finding may be that a property is violated, whichever a run would draw here.
    let properties = PropertySelection.affordable(for: recipe)
    let progress = JobProgress("replay")
    defer { progress.clear() }
    let one = try EvaluatedCase(
      recipe, by: implementations, properties: properties,
      threads: ProcessInfo.processInfo.activeProcessorCount)
    progress.clear()
    context.console.say(recipe.text)
    if properties != .all {
      context.console.say("  too large for every property: those that a run would draw for it are checked")
    }
    for result in one.results {
      context.console.say("  \(result.implementation) " + Report.sentence(result))
    }
    if one.results.allSatisfy(\.judgement.lacksMemory) { return .notEvaluated(.nothing) }
    if one.results.allSatisfy({ $0.grade == .refused }) {
      return .refused(by: one.results.map(\.implementation).joined(separator: ", "))
    }
    return .evaluated(one.results.contains { $0.failure != nil } ? .findings : .nothing)
  }
}
