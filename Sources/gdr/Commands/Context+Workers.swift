import Foreign
import Foundation
import GatedDeltaRule
import Oracle

extension Flag {
  /// How a program of any language becomes an implementation under test.
  static let against: [Flag] = [
    Flag(
      "against", "NAME=COMMAND", repeats: true,
      summary: "test a worker in any language, beside what --only names"),
    Flag("deadline", "60s", summary: "time that a worker has for one problem (60s)"),
  ]
}

extension Flag {
  /// For kernels that are compiled for every shape.
  static let families = Flag(
    "families", "Hk1-Hv2-Dk64-Dv64/bf16,...", summary: "draw heads, channels and formats from these only")
}

extension Context {
  /// The same with the workers of `--against` at the end of the list.
  ///
  /// - Parameter docket: where the recipes in flight are written down.
  func withWorkers(of arguments: Arguments, docket: Docket? = nil) throws(UsageError) -> Context {
    let pairs = arguments.all("against")
    var patience = Program.Patience()
    if let deadline = try arguments.duration("deadline") { patience.problem = deadline }
    guard !pairs.isEmpty else { return self }
    var programs: [Program] = []
    for pair in pairs {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, parts[0].allSatisfy(Context.isNameCharacter) else { throw .notAWorker(pair) }
      guard !(implementations.map(\.name) + programs.map(\.name)).contains(parts[0]) else {
        throw .nameTaken(parts[0])
      }
      let program = Program(name: parts[0], command: parts[1], patience: patience, docket: docket)
      if let failure = program.failure { console.complain("\(program.name): \(failure)") }
      programs.append(program)
    }
    return Context(
      implementations: implementations + programs, judge: judge, console: console,
      workers: programs.map(\.name),
      executable: executable)
  }

  /// The commands of the workers, by their names.
  var commands: [String: String] {
    let programs = implementations.compactMap { $0 as? Program }
    return Dictionary(programs.map { ($0.name, $0.command) }) { first, _ in first }
  }

  /// The flag that names a worker and its command; nil for what is built in.
  func against(_ name: String) -> String? {
    guard let program = implementations.first(where: { $0.name == name }) as? Program else { return nil }
    let command = program.command.replacingOccurrences(of: "'", with: "'\\''")
    return "--against '\(name)=\(command)'"
  }

  private static func isNameCharacter(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
  }
}
