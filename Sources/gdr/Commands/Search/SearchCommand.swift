import Foundation
import GatedDeltaRule
import Generator
import Machine
import Oracle

extension Command {
  /// `gdr search`: what guided search finds that drawing does not.
  static let search = Command(
    name: "search", operands: "",
    summary: "guided search for large error over bound, compared with drawing as many cases",
    flags: [
      Flag("only", "NAMES", summary: "these implementations (chunked, chunked-sb32)"),
      Flag("evaluations", "N", summary: "cases of a run (300)"),
      Flag("runs", "N", summary: "runs, each from another seed (40)"),
      Flag("seed", "S", summary: "the seed of the first run (1)"),
      Flag("size", "small|standard|large", summary: "how large the cases are (small)"),
    ] + Flag.against
  ) { arguments, context in
    try arguments.noOperands()
    let context = try context.withWorkers(of: arguments)
    let implementations =
      arguments.has("only") || !context.workers.isEmpty
      ? try implementations(arguments, context)
      : try ["chunked", "chunked-sb32"].map { name throws(UsageError) in
        try context.implementation(named: name)
      }
    let evaluations = try arguments.integer("evaluations", in: 1...1_000_000) ?? 300
    let runs = try arguments.integer("runs", in: 1...100_000) ?? 40
    let seed = try arguments.seed() ?? 1
    var profile = try profile(arguments, standard: .small)
    // Drawn contracts would be another search.
    if case .one(let contract) = try arguments.contracts(for: implementations) {
      profile.contracts = .one(contract)
    }
    var code = ExitCode.nothing
    var isEvaluated = false
    var table = Table(["", "worst error / bound", "runs that fail", "after cases, median", "after, 90%"])
    let progress = JobProgress("runs", of: 2 * runs * implementations.count)
    defer { progress.clear() }
    for one in implementations {
      for climbs in [false, true] {
        progress.note("\(one.name), \(climbs ? "guided" : "drawn")")
        let traces = try inParallel(Array(0..<runs)) { [profile] run in
          var search = GuidedSearch(one, profile: profile, seed: seed &+ UInt64(run))
          search.climbs = climbs
          defer { progress.advance() }
          return search.run(evaluations: evaluations)
        }
        if traces.contains(where: { !$0.ratios.isEmpty }) { isEvaluated = true }
        progress.hide()
        table.add(row(one.name, climbs: climbs, traces))
        if climbs, let worst = traces.max(by: { $0.worst < $1.worst }) { announce(one.name, worst, context) }
        if let recipe = traces.lazy.compactMap(\.failure?.recipe).first, !one.declaration.isControl {
          context.console.say(
            "\(one.name) fails: gdr shrink \(recipe.text) \(context.replayFlags(of: one.name))")
          code = .findings
        }
      }
    }
    guard isEvaluated else {
      let names = implementations.map(\.name).joined(separator: ", ")
      context.console.complain("nothing was evaluated: \(names) refused every case")
      return .badFile
    }
    for line in table.lines(on: context.console) { context.console.say(line) }
    context.console.explain(
      "medians over \(counted(runs, "run")) of \(counted(evaluations, "case")), from seed \(seed); the guided search "
        + "starts after \(GuidedSearch.drawn) drawn ones"
    )
    return code
  }

  private static func announce(_ name: String, _ trace: GuidedSearch.Trace, _ context: Context) {
    guard let (quantity, (recipe, ratio)) = trace.archive.max(by: { $0.value.ratio < $1.value.ratio }) else {
      return
    }
    context.console.say("\(name): \(quantity.rawValue) at \(short(ratio)) times its bound")
    context.console.say("  gdr replay \(recipe.text) \(context.replayFlags(of: name))")
  }

  private static func row(_ name: String, climbs: Bool, _ traces: [GuidedSearch.Trace]) -> [Table.Cell] {
    func quantile(_ values: [Double], _ share: Double) -> Double {
      values.sorted()[min(values.count - 1, Int(share * Double(values.count)))]
    }
    let after = traces.map { $0.failure.map { Double($0.evaluation) } ?? .infinity }
    func cases(_ share: Double) -> String {
      let count = quantile(after, share)
      return count.isFinite ? "\(Int(count))" : "never"
    }
    return [
      "\(name), \(climbs ? "guided" : "drawn")", short(quantile(traces.map(\.worst), 0.5)),
      "\(traces.count { $0.failure != nil }) of \(traces.count)", cases(0.5), cases(0.9),
    ].map { Table.Cell($0) }
  }
}
