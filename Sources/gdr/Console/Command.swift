import GatedDeltaRule
import Generator
import Machine
import Oracle

/// What a command works with besides its arguments.
package struct Desk: Sendable {
  /// The implementations, in the order they are listed.
  package let subjects: [any Implementation]
  /// Who hears them.
  package let judge: Judge
  /// Where lines go.
  package let console: Console
  /// Those of the subjects that were brought along: heard alone unless more are asked for.
  package let guests: [String]
  /// This program, for starting it afresh; nil where there is none to start.
  package let executable: String?

  package init(
    subjects: [any Implementation], judge: @escaping Judge, console: Console, guests: [String] = [],
    executable: String? = nil
  ) {
    (self.subjects, self.judge, self.console, self.guests) = (subjects, judge, console, guests)
    self.executable = executable
  }

  /// The implementation of this name.
  func subject(named name: String) throws(UsageError) -> any Implementation {
    guard !subjects.isEmpty else { throw .noImplementations }
    guard let subject = subjects.first(where: { $0.name == name }) else {
      throw .unknownImplementation(name, nearest: nearest(to: name, in: subjects.map(\.name)))
    }
    return subject
  }
}

/// One thing that the tool does.
package struct Command: Sendable {
  /// What a person types.
  package let name: String
  /// What follows the flags, for the usage text.
  package let operands: String
  /// One line.
  package let summary: String
  /// The flags it knows.
  package let flags: [Flag]
  let run: @Sendable (Arguments, Desk) throws -> ExitCode

  /// Every command, in the order of `gdr help`.
  package static let all: [Command] = [
    fuzz, replay, shrink, explain, report, mergeReports, check, `guard`, claims, mutants, search, bench,
    train, eval,
    export, corpus, list, initWorker, conform, help,
  ]

  /// What flags without a command belong to.
  static var standard: Command { fuzz }

  /// `gdr eval CASE.safetensors --implementation NAME --to OUT.safetensors [--double]`.
  package var usage: String {
    let flags = flags.map { flag in
      let text = "--\(flag.name)" + (flag.kind.map { " " + $0 } ?? "")
      return flag.isRequired ? text : "[\(text)]" + (flag.repeats ? "..." : "")
    }
    return (["gdr", name, operands].filter { !$0.isEmpty } + flags).joined(separator: " ")
  }
}

extension Command {
  /// Takes a command line apart, runs it, and turns every error into one line and a code.
  package static func run(_ words: [String], at desk: Desk) -> ExitCode {
    do {
      return try dispatch(words, desk)
    } catch let error as UsageError {
      desk.console.complain(error)
      return .usage
    } catch let error as BadFile {
      desk.console.complain(error)
      return .badFile
    } catch let error as RecipeError {
      desk.console.complain(error)
      return .badFile
    } catch let error as AtomicFile.Failure {
      desk.console.complain(error)
      return .badFile
    } catch {
      desk.console.complain("internal error: \(error)")
      return .failure
    }
  }

  private static func dispatch(_ words: [String], _ desk: Desk) throws -> ExitCode {
    guard let first = words.first, !["--help", "-h"].contains(first) else {
      return try words.isEmpty ? demonstrate(at: desk) : help.run(Arguments([], flags: []), desk)
    }
    if first == "--version" {
      desk.console.say("gdr \(version)")
      return .nothing
    }
    if first.hasPrefix("-") { return try standard.run(words, desk) }
    guard let command = all.first(where: { $0.name == first }) else {
      throw UsageError.unknownCommand(first, nearest: nearest(to: first, in: all.map(\.name)))
    }
    return try command.run(Array(words.dropFirst()), desk)
  }

  private func run(_ words: [String], _ desk: Desk) throws -> ExitCode {
    let asksForHelp = words.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
    guard !asksForHelp else {
      for line in page { desk.console.say(line) }
      return .nothing
    }
    return try run(Arguments(words, flags: flags), desk)
  }
}
