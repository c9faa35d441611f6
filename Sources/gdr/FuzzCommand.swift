import Foreign
import Foundation
import GatedDeltaRule
import Generator
import Oracle

extension Command {
  /// `gdr fuzz`, and what runs without arguments.
  static let fuzz = Command(
    name: "fuzz", operands: "", summary: "draw cases, judge everybody, reduce and save what fails",
    flags: [
      Flag("for", "10m", summary: "how long (60s, unless --cases is given)"),
      Flag("cases", "N", summary: "how many cases"),
      Flag("seed", "S", summary: "from which the cases are drawn (by default another every time)"),
      Flag("jobs", "N", summary: "threads (by default one a core); changes nothing but the time"),
      Flag("shard", "k/n", summary: "take every n-th case, from the k-th on"),
      Flag("size", "small|standard|large", summary: "how large the cases are (standard)"),
      Flag("only", "NAMES", summary: "these implementations, separated by commas"),
      Flag("controls", summary: "hear what is known to fail too: not catching it fails the run"),
      Flag.families,
      Flag("wide", summary: "draw beta above 1 and raw keys as well"),
      Flag("corpus", "FOLDER", summary: "where findings go (Corpus)"),
      Flag("fail-fast", summary: "stop at the first finding"),
    ] + Flag.against
  ) { arguments, desk in
    try arguments.noOperands()
    let corpus = arguments.value("corpus") ?? "Corpus"
    let docket = Docket(folder: Corpus(path: corpus).folder(.found))
    for recipe in docket.takeLeftovers() {
      desk.console.say(
        "a run that was killed was hearing this, and may have been killed by it: gdr replay \(recipe)")
    }
    let desk = try desk.joined(by: arguments, docket: docket)
    return try run(plan(arguments, desk), corpus: corpus, desk)
  }

  /// A minute with everybody, controls included.
  static func demonstrate(at desk: Desk) throws -> ExitCode {
    var plan = Campaign.Plan(accused: desk.subjects, seed: UInt64.random(in: 0..<1_000_000))
    (plan.duration, plan.jobs) = (.seconds(60), ProcessInfo.processInfo.activeProcessorCount)
    return try run(plan, corpus: "Corpus", desk)
  }

  private static func plan(_ arguments: Arguments, _ desk: Desk) throws -> Campaign.Plan {
    let seed = try arguments.integer("seed").map(UInt64.init) ?? UInt64.random(in: 0..<1_000_000)
    var plan = Campaign.Plan(accused: try accused(arguments, desk), seed: seed)
    plan.cases = try arguments.integer("cases", least: 1)
    plan.duration = try arguments.duration("for") ?? (plan.cases == nil ? .seconds(60) : nil)
    plan.jobs = try arguments.integer("jobs", least: 1) ?? ProcessInfo.processInfo.activeProcessorCount
    plan.failsFast = arguments.has("fail-fast")
    plan.profile = try profile(arguments)
    if let text = arguments.value("shard") {
      let parts = text.split(separator: "/").compactMap { Int($0) }
      guard parts.count == 2, parts[1] >= 1, (1...parts[1]).contains(parts[0]) else {
        throw UsageError.notAShard(text)
      }
      (plan.shard, plan.shards) = (parts[0] - 1, parts[1])
    }
    return plan
  }

  private static func profile(_ arguments: Arguments) throws -> Profile {
    let text = arguments.value("size") ?? "standard"
    guard let size = Profile.Size(rawValue: text) else {
      throw UsageError.notAChoice(flag: "size", text: text, choices: Profile.Size.allCases.map(\.rawValue))
    }
    let isWide = arguments.has("wide")
    var profile = Profile(size: size, includesRawKeys: isWide, includesWideWrites: isWide)
    profile.families = try families(arguments)
    return profile
  }

  /// Those of `--families`.
  static func families(_ arguments: Arguments) throws(RecipeError) -> [Family] {
    var families: [Family] = []
    for text in (arguments.value("families") ?? "").split(separator: ",") {
      families.append(try Family(String(text)))
    }
    return families
  }

  /// Those named by `--only`, or everybody but the controls.
  static func accused(_ arguments: Arguments, _ desk: Desk) throws(UsageError) -> [any Implementation] {
    guard let names = arguments.value("only") else {
      if !desk.guests.isEmpty { return desk.subjects.filter { desk.guests.contains($0.name) } }
      return desk.subjects.filter { arguments.has("controls") || !$0.declaration.isControl }
    }
    var accused: [any Implementation] = []
    for name in names.split(separator: ",") { accused.append(try desk.subject(named: String(name))) }
    return accused
  }

  private static func run(_ plan: Campaign.Plan, corpus path: String, _ desk: Desk) throws -> ExitCode {
    let corpus = Corpus(path: path)
    let line = ProgressLine()
    Interruption.watch()
    desk.console.say("seed \(plan.seed), \(plan.accused.map(\.name).joined(separator: ", "))")
    let summary = try Campaign(plan).run(
      save: { found in
        // A control's finding is known already; only what is new is kept.
        guard !found.isControl else { return }
        let path = try corpus.save(found.finding, on: .found)
        line.clear()
        for text in ["", "found, saved as \(path):"] + Report.details(found) { desk.console.say(text) }
      },
      report: { line.show(Report.progress($0, of: plan)) },
      isInterrupted: { Interruption.isRequested })
    line.clear()
    for text in Report.lines(summary) { desk.console.say(text) }
    if !summary.findings.isEmpty { return .findings }
    if summary.wasInterrupted { return .interrupted }
    return summary.escaped.isEmpty ? .nothing : .unhealthy
  }
}
