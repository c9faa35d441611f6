import Foundation
import GatedDeltaRule
import Generator
import Machine
import Oracle

extension Command {
  /// `gdr power`: how small a fault is found.
  static let power = Command(
    name: "power", operands: "", summary: "the smallest fault that is found, by result, format and form",
    flags: [
      Flag("cases", "N", summary: "cases of a sample (24)"),
      Flag("only", "NAMES", summary: "what these implementations declare, instead of the usual forms"),
      Flag("inputs", "f32,bf16,f16", summary: "formats of the inputs (all three)"),
      Flag("seed", "S", summary: "the seed of the cases (1)"),
      Flag("size", "small|standard|large", summary: "how large the cases are (standard)"),
      Flag("jobs", "N", summary: "threads (by default one a core); changes nothing but the time"),
      Flag("csv", "FILE", file: .written, summary: "where the table goes as CSV"),
      Flag("to", "FOLDER", summary: "where power.svg goes (not written)"),
    ] + Flag.against
  ) { arguments, context in
    try arguments.noOperands()
    let provenance = context.provenance
    let context = try context.withWorkers(of: arguments)
    let settings = try settings(arguments, context)
    let count = try arguments.integer("cases", in: 1...100_000) ?? 24
    let seed = try arguments.seed() ?? 1
    let profile = try profile(arguments, standard: .standard)
    let jobs =
      try arguments.integer("jobs", in: Arguments.threads) ?? ProcessInfo.processInfo.activeProcessorCount
    var results: [PowerResult] = []
    let progress = JobProgress("cases", of: settings.count * count)
    defer { progress.clear() }
    for (number, setting) in settings.enumerated() {
      progress.note("\(setting.inputs.rawValue), \(setting.form), setting \(number + 1) of \(settings.count)")
      let result = try PowerResult(
        setting, profile: profile, cases: count, seed: seed, jobs: jobs, report: progress.advance)
      progress.hide()
      for line in PowerTable.lines(result, on: context.console) { context.console.say(line) }
      context.console.say()
      results.append(result)
    }
    for line in PowerTable.legend { context.console.say(line) }
    if let path = arguments.value("csv") {
      try AtomicFile.write(Data(PowerTable.csv(results).utf8), to: path)
    }
    if let folder = arguments.value("to") {
      try AtomicFile.makeFolder(folder)
      try AtomicFile.write(
        Data(PowerPicture.drawing(results).under(provenance.lines).text.utf8), to: "\(folder)/power.svg")
      context.console.say("\(folder)/power.svg is written")
    }
    return .nothing
  }

  private static func settings(_ arguments: Arguments, _ context: Context) throws -> [PowerSetting] {
    let formats = try (arguments.value("inputs") ?? "f32,bf16,f16").split(separator: ",").map {
      text throws(UsageError) in try Arguments.format(String(text), of: "inputs")
    }
    guard arguments.has("only") || !context.workers.isEmpty else {
      return formats.flatMap { [.sequential($0), .chunked($0)] }
    }
    let chosen = try implementations(arguments, context)
    return chosen.flatMap { one in formats.map { .declared(by: one, $0) } }
  }
}
