import Foundation
import GatedDeltaRule
import Machine
import Mutants
import Oracle

extension Command {
  /// `gdr drift`: what a state is worth after many tokens.
  static let drift = Command(
    name: "drift", operands: "",
    summary: "error of the state over many tokens at slow decay, in calls that hand it on",
    flags: [
      Flag("only", "NAMES", summary: "these implementations or mutants (sequential,chunked)"),
      Flag("tokens", "N", summary: "of a sequence (100000)"),
      Flag("calls", "NUMBERS", summary: "tokens of a call, powers of two (1,64)"),
      Flag("decay", "LIST", summary: "G near 1, or softplus:X (0.999,0.9999,softplus:-15.5)"),
      Flag("inputs", "f32|bf16|f16", summary: "format of the inputs (f32)"),
      Flag("D", "N", summary: "channels of keys and values (32)"),
      Flag("seed", "S", summary: "the seed of the first tokens (1)"),
      Flag(
        "for", "60s", summary: "at most so long an implementation, each sequence as far as it comes (60s)"),
      Flag("jobs", "N", summary: "threads (by default one a core)"),
      Flag("to", "FOLDER", summary: "where drift.svg and drift.json go (not written)"),
    ] + Flag.against
  ) { arguments, context in
    try arguments.noOperands()
    Interruption.watch()
    let provenance = context.provenance
    let context = try context.withWorkers(of: arguments)
    let tokens = try arguments.integer("tokens", in: 1...10_000_000) ?? 100_000
    let settings = try
      (arguments.value("decay")?.split(separator: ",").map(String.init) ?? DriftSetting.usual)
      .map { text throws(UsageError) in try DriftSetting(text) }
    let results = try DriftPlan(
      implementations: try driftSubjects(arguments, context), settings: settings, tokens: tokens,
      calls: try driftCalls(arguments), arguments
    ).run()
    for setting in settings {
      let own = results.filter { $0.decay == setting.name }
      for line in DriftTable.lines(own, setting, tokens: tokens, on: context.console) {
        context.console.say(line)
      }
      context.console.say()
    }
    for line in DriftTable.legend { context.console.say(line) }
    if let folder = arguments.value("to") {
      try AtomicFile.makeFolder(folder)
      try AtomicFile.write(
        try DriftFile(provenance: provenance, tokens: tokens, results: results).encoded(),
        to: "\(folder)/drift.json")
      try AtomicFile.write(
        Data(DriftPicture.drawing(results, settings, tokens: tokens).under(provenance.lines).text.utf8),
        to: "\(folder)/drift.svg")
      context.console.say("\(folder)/drift.svg and drift.json are written")
    }
    if results.contains(where: \.isFailure) { return .findings }
    return results.contains(where: \.isEvaluated) ? .nothing : .badFile
  }

  private static func driftCalls(_ arguments: Arguments) throws(UsageError) -> [Int] {
    var calls: [Int] = []
    for text in (arguments.value("calls") ?? "1,64").split(separator: ",").map(String.init) {
      let call = try Arguments.integer(text, of: "calls", in: 1...DriftSequence.piece)
      guard call & (call - 1) == 0 else {
        throw .notAChoice(
          flag: "calls", text: text, choices: ["1", "2", "4", "...", "\(DriftSequence.piece)"])
      }
      calls.append(call)
    }
    guard !calls.isEmpty else { throw .missingValue(flag: "calls", kind: "NUMBERS") }
    return calls
  }

  /// What is asked for: built in, a worker, or a planted fault.
  private static func driftSubjects(
    _ arguments: Arguments, _ context: Context
  ) throws(UsageError) -> [any Implementation] {
    let names = arguments.value("only")?.split(separator: ",").map(String.init)
    let isAlone = names == nil && !context.workers.isEmpty
    var subjects: [any Implementation] = []
    for name in (isAlone ? [] : names ?? ["sequential", "chunked"]) + context.workers {
      if let mutant = Mutant.named(name) {
        subjects.append(mutant.implementation())
      } else {
        subjects.append(try context.implementation(named: name))
      }
    }
    guard !subjects.isEmpty else { throw .missingValue(flag: "only", kind: "NAMES") }
    return subjects
  }
}
