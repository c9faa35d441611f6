import Foundation
import GatedDeltaRule
import Generator
import Implementations
import Machine
import Oracle

extension Command {
  /// `gdr bench`: time and memory of the implementations that pass.
  static let bench = Command(
    name: "bench", operands: "", summary: "time and memory of the implementations that pass, interleaved",
    flags: [
      Flag("layer", "Hk/Hv/Dk/Dv", summary: "heads and widths (16/64/192/128)"),
      Flag("T", "NUMBERS", summary: "tokens, separated by commas (512)"),
      Flag("inputs", "f32,bf16", summary: "formats of the inputs (f32)"),
      Flag("pass", "both|forward", summary: "with the gradients or without (both)"),
      Flag("rounds", "N", summary: "how often each runs, on other values every time (3)"),
      Flag("threads", "N", summary: "threads of one evaluation (one a core)"),
      Flag("only", "NAMES", summary: "these implementations, separated by commas"),
      Flag("reference", summary: "time the oracle's reference with its bounds as well, once"),
      Flag("fuzz", summary: "instead: cases judged in a second, and where the time goes"),
      Flag("to", "FOLDER", summary: "where bench.json and bench.svg go (not written)"),
    ] + Flag.against
  ) { arguments, context in
    try arguments.noOperands()
    let provenance = context.provenance
    if arguments.has("fuzz") { return try benchFuzz(in: context) }
    let context = try context.withWorkers(of: arguments)
    // Workers are timed beside what is built in.
    let implementations =
      arguments.has("only")
      ? try Command.implementations(arguments, context)
      : context.implementations.filter { !$0.declaration.isControl }
    let threads =
      try arguments.integer("threads", in: Arguments.threads) ?? ProcessInfo.processInfo.activeProcessorCount
    let cases = try cases(arguments)
    let progress = JobProgress("cases", of: cases.count)
    defer { progress.clear() }
    let stopwatch = Stopwatch(
      rounds: try arguments.integer("rounds", in: 1...100_000) ?? 3, threads: threads,
      report: progress.note)
    let peak = Registry.measurePeak()
    context.console.explain(
      "one core does \(gigaflops(peak.operations)) GFLOP/s of \(peak.isFused ? "fused" : "separate") multiply-adds "
        + "in fp32; \(counted(threads, "thread")) an evaluation")
    var series: [BenchSeries] = []
    var isTimed = true
    for one in cases {
      let (timed, unfit) = try stopwatch.qualify(one, implementations)
      let (results, wrong) = try stopwatch.measure(one, timed)
      progress.hide()
      series.append(BenchSeries(one, results))
      let table = BenchTable.lines(one, results, peak: peak.operations * Double(threads), context.console)
      for text in table + BenchTable.claims(one, results) { context.console.say(text) }
      if arguments.has("reference") {
        let seconds = try stopwatch.measureReference(one)
        progress.hide()
        context.console.say("  the reference and its bounds: \(String(format: "%.2f", seconds)) s")
      }
      for (name, reason, _) in unfit + wrong { context.console.say("  not timed: \(name): \(reason)") }
      isTimed = isTimed && !results.isEmpty
      progress.advance()
      progress.hide()
    }
    for text in BenchTable.growth(series) { context.console.say(text) }
    if let folder = arguments.value("to") {
      try write(File(provenance: provenance, threads: threads, series: series), to: folder, context)
    }
    return isTimed ? .nothing : .unhealthy
  }

  private static func cases(_ arguments: Arguments) throws(UsageError) -> [BenchCase] {
    func list(_ flag: String, _ standard: String) -> [String] {
      (arguments.value(flag) ?? standard).split(separator: ",").map(String.init)
    }
    let layerText = arguments.value("layer") ?? "16/64/192/128"
    guard let layer = BenchCase.Layer(text: layerText) else {
      throw .notALayer(layerText)
    }
    let pass = arguments.value("pass") ?? "both"
    guard ["both", "forward"].contains(pass) else {
      throw .notAChoice(flag: "pass", text: pass, choices: ["both", "forward"])
    }
    var cases: [BenchCase] = []
    for precision in list("inputs", "f32") {
      _ = try Arguments.format(precision, of: "inputs")
      for text in list("T", "512") {
        let T = try Arguments.integer(text, of: "T", in: 1...Recipe.Limit.T)
        cases.append(BenchCase(layer: layer, T: T, precision: precision, gradients: pass == "both"))
      }
    }
    return cases
  }

  private struct File: Encodable {
    let provenance: Provenance
    let threads: Int
    let series: [BenchSeries]
  }

  private static func write(_ file: File, to folder: String, _ context: Context) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    try AtomicFile.makeFolder(folder)
    try AtomicFile.write(try encoder.encode(file), to: "\(folder)/bench.json")
    let picture = BenchPicture.drawing(file.series).under(file.provenance.lines)
    try AtomicFile.write(Data(picture.text.utf8), to: "\(folder)/bench.svg")
    context.console.say("\(folder)/bench.svg and bench.json are written")
  }
}

/// A case with the results of all implementations, as it is written to a file.
struct BenchSeries: Sendable, Encodable {
  let recipe: String
  let T: Int
  let gradients: Bool
  let family: String
  let results: [BenchResult]

  init(_ one: BenchCase, _ results: [BenchResult]) {
    (recipe, T, gradients, family) = (one.recipe, one.T, one.gradients, one.family)
    self.results = results
  }
}

func gigaflops(_ operations: Double) -> String { String(format: "%.1f", operations / 1e9) }
