import GatedDeltaRule
import Generator
import Machine
import Oracle

/// One thing that the tool does.
package struct Command: Sendable {
  /// One of several things that a command does.
  package struct Verb: Hashable, Sendable {
    /// What a person types after the command.
    package let name: String
    /// What follows it.
    package let operands: String
    /// One line.
    package let summary: String
  }

  /// What a person types.
  package let name: String
  /// What follows the flags, for the usage text.
  package let operands: String
  /// One line.
  package let summary: String
  /// The flags it knows.
  package let flags: [Flag]
  /// What its first operand says is to be done; none where that is something else.
  package var verbs: [Verb] = []
  let run: @Sendable (Arguments, Context) throws -> ExitCode

  /// Every command, in the order of `gdr help`.
  package static let all: [Command] = [
    fuzz, exact, replay, shrink, explain, report, mergeReports, check, `guard`, map, claims, mutants, power,
    drift,
    search,
    judge, bench,
    train, eval,
    export, repro, tolerance, corpus, list, initWorker, conform, completion, about, help,
  ]

  /// What this program starts itself for, and nobody types.
  private static let hidden: [Command] = [echo]

  /// What flags without a command belong to.
  static var standard: Command { fuzz }
}

extension Command {
  /// Takes a command line apart, runs it, and turns every error into one line and a code.
  package static func run(_ words: [String], in context: Context) -> ExitCode {
    var context = context
    context.words = words
    do {
      return try dispatch(words, context)
    } catch let error as UsageError {
      context.console.complain(error)
      return .usage
    } catch let error as BadFile {
      context.console.complain(error)
      return .badFile
    } catch let error as RecipeError {
      context.console.complain(error)
      return .badFile
    } catch let error as FileFailure {
      context.console.complain(error)
      return .badFile
    } catch let interruption as Interrupted {
      context.console.complain(interruption)
      return .interrupted
    } catch {
      context.console.complain("internal error: \(error)")
      return .failure
    }
  }

  private static func dispatch(_ words: [String], _ context: Context) throws -> ExitCode {
    guard let first = words.first, !["--help", "-h"].contains(first) else {
      return try words.isEmpty ? demonstrate(in: context) : help.run(Arguments([], flags: []), context)
    }
    if ["--version", "-v"].contains(first) {
      context.console.say("gdr \(version)" + (Checkout.revision.digits.map { " (\($0))" } ?? ""))
      return .nothing
    }
    if first.hasPrefix("-") { return try standard.run(words, context) }
    guard let command = (all + hidden).first(where: { $0.name == first }) else {
      throw UsageError.unknownCommand(first, nearest: nearest(to: first, in: all.map(\.name)))
    }
    return try command.run(Array(words.dropFirst()), context)
  }

  private func run(_ words: [String], _ context: Context) throws -> ExitCode {
    let asksForHelp = words.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
    guard !asksForHelp else {
      for line in page(width: context.console.textWidth) { context.console.say(line) }
      return .nothing
    }
    let arguments = try Arguments(words, flags: flags)
    try arguments.requireNothingWrittenOver(flags)
    return try run(arguments, context)
  }
}
