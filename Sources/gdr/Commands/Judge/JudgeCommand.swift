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
      Flag("layer", "Hk/Hv/Dk/Dv", summary: "heads and widths that are timed (2/4/64/64)"),
      Flag("T", "N", summary: "tokens that are timed (256)"),
      Flag("no-times", summary: "time nothing"),
      Flag("corpus", "FOLDER", summary: "where findings are saved (nowhere)"),
      Flag(
        "json", "FILE|-", summary: "the verdict for a program; - for standard output, and nothing else there"),
    ] + Flag.against
  ) { arguments, context in
    try arguments.noOperands()
    let start = ContinuousClock.now
    let deadline = Deadline()
    Interruption.watch(passing: deadline)
    let duration = try arguments.duration("for") ?? (arguments.has("cases") ? nil : .seconds(60))
    if let duration { deadline.set(start + duration) }
    let blind = try context.withWorkers(of: arguments, until: deadline, isBlind: true).with {
      $0 as? Blind ?? Blind($0)
    }
    var plan = try plan(arguments, nil, blind)
    guard arguments.has("only") || !blind.workers.isEmpty, plan.implementations.count == 1,
      let judged = plan.implementations.first as? Blind
    else { throw UsageError.notOne }
    plan.seed = try arguments.seed() ?? .random(in: 0...UInt64.max)
    plan.jobs = try arguments.integer("jobs", in: Arguments.threads) ?? 1
    let leftOut = try settle(&plan, arguments, blind, exactShare: nil)
    let run = JudgeRun(
      plan: plan, blind: judged, context: blind, deadline: deadline, start: start,
      corpus: arguments.value("corpus").map(Corpus.init), acceptsRefusals: arguments.has("accept-refusals"),
      leftOut: leftOut, timing: try arguments.has("no-times") ? nil : timing(arguments, plan))
    let path = arguments.value("json")
    let (report, lines) = try run.run()
    let data = try JSONEncoder.ofNumbers([.prettyPrinted, .withoutEscapingSlashes]).encode(report)
    if path == "-" {
      for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
        context.console.say(String(line))
      }
    } else {
      if let path { try AtomicFile.write(data + Data("\n".utf8), to: path) }
      for line in lines { context.console.say(line) }
    }
    return ExitCode(rawValue: report.exit) ?? .failure
  }

  /// What is timed: a layer of the first family that is drawn, unless another is asked for.
  private static func timing(_ arguments: Arguments, _ plan: Campaign.Plan) throws -> BenchCase {
    let family = plan.profile.families.first
    let text = arguments.value("layer")
    let layer =
      text.map { BenchCase.Layer(text: $0) } ?? family.map { BenchCase.Layer($0) }
      ?? BenchCase.Layer(text: "2/4/64/64")
    guard let layer else { throw UsageError.notALayer(text ?? "") }
    let precision = family?.precision ?? plan.profile.restriction.precisions.first ?? .fp32
    return BenchCase(
      layer: layer, T: try arguments.integer("T", in: 1...Recipe.Limit.T) ?? 256,
      precision: Recipe.word(of: precision), gradients: true)
  }
}
