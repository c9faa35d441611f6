import Foreign
import Foundation
import GatedDeltaRule
import Generator
import Machine
import Oracle

extension Command {
  /// `gdr fuzz`, and what runs without arguments.
  static let fuzz = Command(
    name: "fuzz", operands: "",
    summary: "draw cases, judge every implementation on them, reduce and save what fails",
    flags: fuzzFlags
  ) { arguments, context in
    try evaluateDrawnCases(arguments, context)
  }

  /// What `gdr fuzz` knows.
  static let fuzzFlags =
    [
      Flag("profile", "ci|nightly", summary: "saved cases first; findings reproduced, explained, pruned"),
      Flag("for", "10m", summary: "how long (60s, ci 3m, nightly 8h, unless --cases is given)"),
      Flag("cases", "N", summary: "how many cases"),
      Flag(
        "seed", "S", summary: "seed of the cases (random; ci 1, nightly the date)"),
      Flag("jobs", "N", summary: "threads (by default one a core); changes nothing but the time"),
      Flag("shard", "k/n|auto", summary: "take every n-th case, from the k-th on; auto asks the environment"),
      Flag("size", "small|standard|large", summary: "how large the cases are (standard)"),
      Flag("only", "NAMES", summary: "these implementations, separated by commas"),
      Flag("controls", summary: "also run known-bad controls; fail if one is not caught"),
      Flag.families,
    ] + Flag.restriction + [
      Flag.refused,
      Flag("wide", summary: "draw beta above 1 and raw keys as well"),
      Flag(
        "blind", summary: "tell workers nothing of a case but its tensors, and probe where answers come from"),
      Flag("sessions", summary: "draw cases of several calls on a pool of states alone"),
      Flag("corpus", "FOLDER", summary: "where findings go (Corpus)"),
      Flag("fail-fast", summary: "stop at the first finding"),
      Flag("coverage", summary: "list how often every labelled danger was drawn"),
      Flag(
        "state", "FILE|FOLDER/", file: .written,
        summary: "saved every few seconds; a run continues from it (nightly: in CORPUS/found)"),
      Flag("resume", summary: "continue the latest run that did not end, whatever its seed"),
      Flag(
        "report", "FILE|FOLDER/", file: .written,
        summary: "where the record of the run goes, for gdr report and merge-reports"),
      Flag("html", "FILE", file: .written, summary: "the report as one page with pictures"),
      Flag(
        "observations", "FILE.jsonl", file: .written,
        summary: "a line of JSON for every case and implementation, as Hypothesis writes it"),
    ] + Flag.against + [.processes]

  /// - Parameter exactShare: of cases in which nothing has to be rounded; nil for what the implementations need.
  static func evaluateDrawnCases(
    _ arguments: Arguments, _ context: Context, exactShare: Double? = nil
  ) throws -> ExitCode {
    try arguments.noOperands()
    let corpus = arguments.value("corpus") ?? "Corpus"
    let inFlight = InFlight(folder: Corpus(path: corpus).folder(.found))
    for recipe in inFlight.takeLeftovers() {
      context.console.say(
        "a run was killed while it evaluated this case, perhaps by it: gdr replay \(recipe)")
    }
    let start = ContinuousClock.now
    // Waiting for a first reply is part of the time, and an interruption ends it.
    let deadline = Deadline()
    Interruption.watch(passing: deadline)
    if let duration = try arguments.duration("for") { deadline.set(start + duration) }
    let isBlind = arguments.has("blind")
    let context = try context.withWorkers(
      of: arguments, inFlight: isBlind ? nil : inFlight, until: deadline, isBlind: isBlind)
    var run = try run(arguments, Corpus(path: corpus), context, exactShare: exactShare)
    (run.deadline, run.start) = (deadline, start)
    return try run.run()
  }

  /// A minute with all implementations, controls included.
  static func demonstrate(in context: Context) throws -> ExitCode {
    var plan = Campaign.Plan(implementations: context.implementations, seed: UInt64.random(in: 0..<1_000_000))
    (plan.duration, plan.jobs) = (.seconds(60), ProcessInfo.processInfo.activeProcessorCount)
    let corpus = Corpus(path: "Corpus")
    announce(plan, nil, corpus, context)
    var run = FuzzRun(plan: plan, corpus: corpus, context: context)
    run.savesControls = true
    return try run.run()
  }

  private static func run(
    _ arguments: Arguments, _ corpus: Corpus, _ context: Context, exactShare: Double?
  ) throws -> FuzzRun {
    let schedule = try Schedule.named(arguments.value("profile"))
    var plan = try plan(arguments, schedule, context)
    let leftOut = try settle(&plan, arguments, context, exactShare: exactShare)
    let isKept = schedule == .nightly || arguments.has("resume")
    let statePath = arguments.value("state") ?? (isKept ? corpus.folder(.found) + "/.nights/" : nil)
    if let statePath, arguments.value("seed") == nil {
      plan.seed = try seed(of: plan, in: statePath, schedule, mustResume: arguments.has("resume"))
    }
    announce(plan, schedule, corpus, context)
    for line in leftOut { context.console.say(line) }
    var run = FuzzRun(plan: plan, corpus: corpus, context: context, schedule: schedule)
    run.savesControls = arguments.has("controls") || schedule != nil
    run.listsCoverage = arguments.has("coverage")
    let shard = plan.shard + 1
    run.state = try statePath.map { try RecordFile($0, plan: Record.Plan(plan), shard: shard) }
    run.report = try arguments.value("report").map {
      try RecordFile($0, plan: Record.Plan(plan), shard: shard)
    }
    run.page = arguments.value("html")
    run.observations = try arguments.value("observations").map {
      try Observations(appendingTo: $0, seed: plan.seed, replayFlags: context.replayFlags(of:))
    }
    if schedule != nil, let executable = context.executable {
      let workers = arguments.all("against").flatMap { ["--against", $0] }
      let deadline = arguments.value("deadline").map { ["--deadline", $0] } ?? []
      let law = ["as", "contract"].flatMap { flag in
        arguments.value(flag).map { ["--" + flag, $0] } ?? []
      }
      run.freshProcess = FreshProcess(executable: executable, flags: workers + deadline + law)
    }
    return run
  }

  /// Settles what is drawn for those who take part.
  ///
  /// - Returns: what is left out since they refuse it, in lines.
  static func settle(
    _ plan: inout Campaign.Plan, _ arguments: Arguments, _ context: Context, exactShare: Double?
  ) throws(UsageError) -> [String] {
    let leftOut =
      arguments.has("refused") ? [] : plan.leaveOutWhatIsRefused(workers: context.workers)
    plan.profile.exactShare = exactShare ?? plan.profile.exactShare(against: plan.implementations)
    plan.profile.sessionShare =
      arguments.has("sessions") ? 1 : plan.profile.sessionShare(against: plan.implementations)
    let isExact = exactShare == 1
    // Where nothing but exact cases is asked for, no rule is drawn that has none.
    if isExact, case .drawn = plan.profile.contracts { plan.profile.contracts = Profile.plainContract }
    if let reason = plan.profile.reasonAgainstExactCases {
      guard !isExact else { throw .noExactCases(reason) }
      plan.profile.exactShare = 0
    }
    return leftOut
  }

  /// The seed that was drawn, unless an interrupted run is to be gone on with.
  private static func seed(
    of plan: Campaign.Plan, in path: String, _ schedule: Schedule?, mustResume: Bool
  ) throws -> UInt64 {
    guard mustResume || schedule == nil else { return plan.seed }
    let shard = plan.shard + 1
    let found = try RecordFile.unfinishedSeed(
      in: path, like: Record.Plan(plan), shard: shard, isFinished: plan.isAtItsEnd)
    if found == nil, mustResume { throw BadFile(path: path, reason: "no unfinished run of these flags") }
    return found ?? plan.seed
  }

  /// What is about to be done, before the first case takes its time.
  private static func announce(
    _ plan: Campaign.Plan, _ schedule: Schedule?, _ corpus: Corpus, _ context: Context
  ) {
    let shard = plan.shards > 1 ? ", shard \(plan.shard + 1)/\(plan.shards)" : ""
    let end = [plan.cases.map { counted($0, "case") }, plan.duration.map { "\(short($0 / .seconds(1))) s" }]
      .compactMap(\.self).joined(separator: " or ")
    context.console.say(
      (schedule.map { "\($0.rawValue), " } ?? "")
        + "seed \(plan.seed)\(shard): \(end), size \(plan.profile.size.rawValue), "
        + "\(counted(plan.jobs, "thread")); findings go to \(corpus.folder(.found))")
    let names = { (areControls: Bool) in
      plan.implementations.filter { $0.declaration.isControl == areControls }.map(\.name).joined(
        separator: ", ")
    }
    if !names(false).isEmpty { context.console.say("under test: " + names(false)) }
    if !names(true).isEmpty { context.console.say("controls, which must fail: " + names(true)) }
  }

  static func plan(
    _ arguments: Arguments, _ schedule: Schedule?, _ context: Context
  ) throws -> Campaign.Plan {
    let seed =
      try arguments.seed() ?? schedule?.seed(on: Date())
      ?? UInt64.random(in: 0..<1_000_000)
    var plan = Campaign.Plan(implementations: try implementations(arguments, schedule, context), seed: seed)
    plan.cases = try arguments.integer("cases", in: 1...Record.mostCases)
    plan.duration =
      try arguments.duration("for") ?? (plan.cases == nil ? schedule?.duration ?? .seconds(60) : nil)
    plan.jobs = try arguments.jobs()
    plan.failsFast = arguments.has("fail-fast")
    plan.commands = context.commands
    (plan.law, plan.contract) = (arguments.value("as"), arguments.value("contract"))
    plan.profile = try profile(arguments)
    plan.profile.contracts = try arguments.contracts(for: plan.implementations)
    plan.profile.chunk = plan.longestChunkOfWorkers
    if let text = arguments.value("shard") {
      let shard = try Shard(text, environment: ProcessInfo.processInfo.environment)
      (plan.shard, plan.shards) = (shard.number - 1, shard.count)
    }
    return plan
  }

  /// A run that nobody watches evaluates the controls too: that it catches them shows that it can.
  private static func implementations(
    _ arguments: Arguments, _ schedule: Schedule?, _ context: Context
  ) throws(UsageError) -> [any Implementation] {
    let isOpen = arguments.value("only") == nil && context.workers.isEmpty
    return schedule != nil && isOpen ? context.implementations : try implementations(arguments, context)
  }

  static func profile(
    _ arguments: Arguments, standard: Profile.Size = .standard
  ) throws -> Profile {
    let text = arguments.value("size") ?? standard.rawValue
    guard let size = Profile.Size(rawValue: text) else {
      throw UsageError.notAChoice(flag: "size", text: text, choices: Profile.Size.allCases.map(\.rawValue))
    }
    let isWide = arguments.has("wide")
    var profile = Profile(size: size, includesRawKeys: isWide, includesWideWrites: isWide)
    profile.families = try families(arguments)
    profile.restriction = try arguments.restriction()
    return profile
  }

  /// Those of `--families`.
  static func families(_ arguments: Arguments) throws -> [Family] {
    guard let value = arguments.value("families") else { return [] }
    let families = try value.split(separator: ",").map { try Family(String($0)) }
    // None would mean any.
    guard !families.isEmpty else {
      throw UsageError.missingValue(flag: "families", kind: Flag.families.kind ?? "")
    }
    return families
  }

  /// The workers of `--against` and what `--only` names; without either all but the controls, which `--controls` adds
  /// in any case.
  package static func implementations(
    _ arguments: Arguments, _ context: Context
  ) throws(UsageError) -> [any Implementation] {
    guard arguments.has("only") || !context.workers.isEmpty else {
      return context.implementations.filter { arguments.has("controls") || !$0.declaration.isControl }
    }
    var names: [String] = []
    for name in (arguments.value("only") ?? "").split(separator: ",").map(String.init) + context.workers
    where !names.contains(name) { names.append(name) }
    var chosen: [any Implementation] = []
    for name in names { chosen.append(try context.implementation(named: name)) }
    if arguments.has("controls") {
      chosen += context.implementations.filter { $0.declaration.isControl && !names.contains($0.name) }
    }
    guard !chosen.isEmpty else { throw .missingValue(flag: "only", kind: "NAMES") }
    return chosen
  }
}
