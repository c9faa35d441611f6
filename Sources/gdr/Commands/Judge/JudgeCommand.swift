import Foundation
import GatedDeltaRule
import Generator
import Machine
import Oracle

extension Command {
  /// `gdr judge`, for programs that write kernels and for those who do not trust the kernel.
  static let judge = Command(
    name: "judge", operands: "",
    summary: "one verdict, blind and by the judge's own clock, for programs that write kernels",
    flags: [
      Flag("for", "60s", summary: "how long (60s, unless --cases is given)"),
      Flag("cases", "N", summary: "how many cases"),
      Flag("seed", "S", summary: "seed of the cases (drawn anew, and told at the end)"),
      Flag("jobs", "N", summary: "cases side by side (1)"),
      Flag("size", "small|standard|large", summary: "how large the cases are (standard)"),
      Flag("only", "NAME", summary: "judge this built-in implementation"),
      Flag.families,
    ] + Flag.restriction + [
      Flag.refused,
      Flag("wide", summary: "draw beta above 1 and raw keys as well"),
      Flag("sessions", summary: "draw cases of several calls on a pool of states alone"),
      Flag("accept-refusals", summary: "pass one that refuses cases for what they hold"),
      Flag("gradients", summary: "do not pass one that declares gradients missing"),
      Flag(
        "layer", "Hk/Hv/Dk/Dv",
        summary:
          "heads and widths that are timed (2/4/64/64; where that is refused, the largest that is drawn)"),
      Flag("T", "N", summary: "tokens that are timed (256)"),
      Flag("no-times", summary: "time nothing"),
      Flag("corpus", "FOLDER", summary: "where findings are saved (nowhere)"),
      Flag(
        "json", "FILE|-", summary: "the verdict for a program; - for standard output, and nothing else there"),
      Flag("against", "NAME=COMMAND", repeats: true, summary: "the worker that is judged, in any language"),
      Flag.processes,
    ] + Flag.against.filter { $0.name != "against" }
  ) { arguments, context in
    try arguments.noOperands()
    let start = ContinuousClock.now
    let deadline = Deadline()
    Interruption.watch(passing: deadline)
    let duration = try arguments.duration("for") ?? (arguments.has("cases") ? nil : .seconds(60))
    let timing = try timing(arguments)
    // What is timed is timed within the time.
    let untilTimed = timing == nil ? duration : duration.map { $0 * (1 - JudgeRun.timed) }
    if let untilTimed { deadline.set(start + untilTimed) }
    let blind: Context
    do {
      blind = try context.withWorkers(of: arguments, until: deadline, isBlind: true).with {
        $0 as? Blind ?? Blind($0)
      }
    } catch let reason as BadFile {
      try JudgeReport(arguments, failing: reason).write(to: arguments.value("json"), context.console)
      throw reason
    }
    var plan = try plan(arguments, nil, blind)
    guard arguments.has("only") || !blind.workers.isEmpty, plan.implementations.count == 1,
      let judged = plan.implementations.first as? Blind
    else { throw UsageError.notOne }
    plan.seed = try arguments.seed() ?? .random(in: 0...UInt64.max)
    plan.jobs = try arguments.integer("jobs", in: Arguments.threads) ?? 1
    plan.duration = untilTimed
    let leftOut = try settle(&plan, arguments, blind, exactShare: nil)
    let run = JudgeRun(
      plan: plan, blind: judged, context: blind, deadline: deadline, start: start,
      corpus: arguments.value("corpus").map(Corpus.init), acceptsRefusals: arguments.has("accept-refusals"),
      needsGradients: arguments.has("gradients"), leftOut: leftOut, timing: timing?.of(plan) ?? [],
      end: duration.map { start + $0 })
    let path = arguments.value("json")
    let (report, lines) = try run.run()
    try report.write(to: path, context.console)
    if path != "-" { for line in lines { context.console.say(line) } }
    return ExitCode(rawValue: report.exit) ?? .failure
  }

  /// What is asked to be timed; nil for nothing.
  private static func timing(_ arguments: Arguments) throws -> AskedTiming? {
    let layer = try arguments.value("layer").map { text in
      guard let layer = BenchCase.Layer(text: text) else { throw UsageError.notALayer(text) }
      return layer
    }
    let T = try arguments.integer("T", in: 1...Recipe.Limit.T) ?? 256
    return arguments.has("no-times") ? nil : AskedTiming(layer: layer, T: T)
  }
}

/// What is timed of a kernel, as far as the command line says it.
private struct AskedTiming {
  let layer: BenchCase.Layer?
  let T: Int

  /// What is tried in turn until one is taken: what is asked for; or the usual layer, and then, where a kernel takes a
  /// few sizes only, the largest of these.
  func of(_ plan: Campaign.Plan) -> [BenchCase] {
    let families = plan.profile.families
    let largest = families.max { $0.Hv * $0.Dk * $0.Dv < $1.Hv * $1.Dk * $1.Dv }
    let precision = families.first?.precision ?? plan.profile.restriction.precisions.first ?? .fp32
    let usual = BenchCase.Layer(text: "2/4/64/64")
    let layers = layer.map { [$0] } ?? [usual, largest.map { BenchCase.Layer($0) }].compactMap(\.self)
    return layers.map { BenchCase(layer: $0, T: T, precision: Recipe.word(of: precision), gradients: true) }
  }
}
