import Foreign
import Foundation
import GatedDeltaRule
import Generator
import Machine
import Oracle

/// A run and what is kept of it: findings in the corpus, its state and its report in files.
struct FuzzRun {
  let plan: Campaign.Plan
  let corpus: Corpus
  let context: Context
  /// How it is spent, if nobody watches it.
  var schedule: Schedule?
  /// Whether findings in controls are saved as well.
  var savesControls = false
  /// Whether the end lists how often each danger was drawn.
  var listsCoverage = false
  /// From which it goes on, and where it is kept every few seconds.
  var state: RecordFile?
  /// Where its record goes at the end.
  var report: RecordFile?
  /// Where the report goes as a page.
  var page: String?
  /// Where every case goes.
  var observations: Observations?
  /// What must reproduce a finding before it counts.
  var freshProcess: FreshProcess?

  /// How many findings were explained.
  private let explained = Explained()

  /// So many findings are explained as they are found; of more, a person asks for those that matter.
  private static let explainedByItself = 5

  private final class Explained { var count = 0 }

  /// When the command began: asking workers what they take is part of its time.
  var start = ContinuousClock.now
  /// When nothing is waited for any more.
  var deadline = Deadline()
  /// What was saved before is older than this run.
  private let begun = Date()

  /// Those that do not see which case they are asked.
  private var blind: [Blind] { plan.implementations.compactMap { $0 as? Blind } }

  /// How often the state is written.
  private static let interval = Duration.seconds(3)

  /// Everything, from the saved cases to the report.
  func run() throws -> ExitCode {
    Interruption.watch(passing: deadline)
    // What cannot be saved in the end is not begun.
    try AtomicFile.makeFolder(corpus.folder(.found))
    if let page { try AtomicFile.makeFolder(Folder.place(of: page).folder) }
    for folder in [corpus.folder(.found)] + [state, report].compactMap({ $0?.folder }) {
      AtomicFile.removeLeftovers(in: folder)
    }
    let clock = ContinuousClock()
    let recorded = Record.Plan(plan)
    let lock = try state?.lock()
    defer { withExtendedLifetime(lock) {} }
    var part = try state?.part(of: recorded, shard: plan.shard + 1, build: build) ?? fresh
    if plan.isAtItsEnd(part) { throw nothingLeft(of: part) }
    let spent = Duration.seconds(part.clock.elapsed)
    if let duration = plan.duration { deadline.set(start + duration - spent) }
    if part.ledger.cases > 0 {
      announceResumption(part)
      part.clock.starts += 1
    }
    part.folder = corpus.path
    if schedule != nil { part.corpus = replay() }

    let line = ProgressLine()
    var written = clock.now
    let summary = try Campaign(plan, until: deadline).run(
      resuming: part.ledger, after: spent + (clock.now - start),
      observe: { index, one, duration in
        try observations?.add(one, index: index, duration: duration)
      },
      save: { found in
        line.clear()
        try save(&found)
      },
      report: { progress in
        line.show(parts: Report.progress(progress, of: plan))
        guard let state, clock.now - written >= FuzzRun.interval else { return }
        part.update(progress.ledger, elapsed: progress.elapsed)
        try state.write(part, of: recorded)
        written = clock.now
      },
      isInterrupted: { Interruption.isRequested })
    line.clear()
    part.update(summary.ledger, elapsed: summary.elapsed)
    try state?.write(part, of: recorded)
    try report?.write(part, of: recorded)
    for var found in summary.convicted { try save(&found) }
    if let page {
      try AtomicFile.write(Data(Page(Nights(Record(plan: recorded, part: part))).text.utf8), to: page)
    }
    try finish(summary)
    let waited = sayWhoWasAsked(summary)
    let code = code(summary, part.corpus)
    return waited && code == .nothing ? .unhealthy : code
  }

  private var fresh: Record.Part {
    var part = Record.Part(shard: plan.shard + 1, clock: Record.Clock(started: Date().timeIntervalSince1970))
    part.build = build
    if state != nil || report != nil || page != nil { part.provenance = context.provenance }
    return part
  }

  /// The build of this program, where a record of the run is kept.
  private var build: String? { state == nil && report == nil ? nil : Executable.digest }

  /// A run that came to its end earlier evaluates nothing, and must not look like one that evaluated and found nothing.
  private func nothingLeft(of part: Record.Part) -> BadFile {
    let found = part.ledger.findings.count
    return BadFile(
      path: state?.path ?? "",
      reason:
        "this run came to its end after \(counted(part.ledger.cases, "case")) with "
        + "\(found == 0 ? "no findings" : counted(found, "finding")): nothing was evaluated; another --seed, more --cases or a longer --for, "
        + "or removing the state, evaluates more")
  }

  private func announceResumption(_ part: Record.Part) {
    context.console.say(
      "continuing after \(counted(part.ledger.cases, "case")) and \(Report.number(part.clock.elapsed)) s, from \(state?.path ?? "")"
    )
  }

  /// Every saved case again; what is not as it was recorded is said.
  private func replay() -> [Replay] {
    let replays = corpus.replay(until: deadline, by: context.implementation(of:))
    for replay in replays where [.changed, .unreadable].contains(replay.outcome) {
      context.console.complain(
        "\(corpus.path)/\(replay.file): \(replay.outcome.rawValue): \(replay.detail)")
    }
    let words: [(Replay.Outcome, String)] = [
      (.same, "as recorded"), (.changed, "changed"), (.notEvaluated, "not evaluated"),
      (.unreadable, "unreadable"),
    ]
    let counts = words.compactMap { outcome, word in
      let count = replays.count { $0.outcome == outcome }
      return count > 0 ? "\(count) \(word)" : nil
    }
    context.console.say("saved cases: " + (counts.isEmpty ? "none" : counts.joined(separator: ", ")))
    return replays
  }

  /// Saves a finding before it is shown, then learns more about it.
  private func save(_ found: inout Campaign.Found) throws {
    guard !found.isControl || savesControls else { return }
    let name = found.finding.implementation
    found.finding.command = context.command(of: name)
    found.finding.law = context.law(of: name)
    found.against =
      found.finding.law == nil && plan.contract == nil && found.finding.command == nil
      ? nil : context.replayFlags(of: name)
    let path: String
    do {
      path = try corpus.save(found.finding, on: .found)
    } catch {
      // The line that replays it must not be lost with the file.
      for text in ["", "found, but it cannot be saved:"] + Report.details(found) { context.console.say(text) }
      throw error
    }
    // What many cases show together needs no other process to show it again.
    let isAlone = found.finding.evidence == nil
    if !found.isControl, isAlone, !Interruption.isRequested, let freshProcess {
      let asked = Campaign.Found.freshProcesses
      switch try freshProcess.reproductions(of: path, asked: asked, until: deadline) {
      case .success(let count): found.reproductions = count
      case .failure(let silence): found.explanation.append("\(silence)")
      }
    }
    if isAlone, !found.isControl || schedule != nil { try explain(&found) }
    let kind = found.isControl ? "control caught" : "found"
    for text in ["", "\(kind), saved as \(path):", "  \(found.finding.implementation) \(found.sentence)"] {
      context.console.say(text)
    }
  }

  /// Says of a finding what is known of its cause; of the first few only where a person waits.
  private func explain(_ found: inout Campaign.Found) throws {
    let name = found.finding.implementation
    guard schedule != nil || explained.count < FuzzRun.explainedByItself, found.shrunk.failure.isRepeatable,
      !Interruption.isRequested, let implementation = plan.implementations.first(where: { $0.name == name })
    else { return }
    explained.count += 1
    _ = try found.explain(by: implementation, until: deadline)
  }

  private func finish(_ summary: Campaign.Summary) throws {
    if schedule != nil, !summary.wasInterrupted {
      let removed = try corpus.prune(simpler: Finding.isSimpler) { mayRemove($0, summary) }
      if !removed.isEmpty {
        context.console.say("removed \(counted(removed.count, "saved finding")): simpler ones show the same")
      }
    }
    for text in Report.lines(summary, listsCoverage: listsCoverage, width: context.console.textWidth) {
      context.console.say(text)
    }
    for one in blind { for text in [""] + Report.probes(one) { context.console.say(text) } }
    if let report { context.console.say("report \(report.path)") }
    if let page { context.console.say("page \(page)") }
  }

  /// Of the implementations of this run what it found itself, or what was there before it: another run on the same
  /// folder saves what is its own.
  private func mayRemove(_ entry: Corpus.Entry, _ summary: Campaign.Summary) -> Bool {
    let finding = entry.finding
    guard plan.implementations.contains(where: { $0.name == finding.implementation }),
      finding.command == context.command(of: finding.implementation),
      finding.law == context.law(of: finding.implementation)
    else { return false }
    let own = summary.findings + summary.caught + summary.ledger.unreproduced
    if own.contains(where: { $0.finding.fileName == finding.fileName }) { return true }
    let attributes = try? FileManager.default.attributesOfItem(atPath: entry.path)
    return (attributes?[.modificationDate] as? Date).map { $0 < begun } ?? false
  }

  /// Says of a worker that the time came to its end while it was asked; whether that was most of the time.
  private func sayWhoWasAsked(_ summary: Campaign.Summary) -> Bool {
    let silences = plan.implementations.compactMap { implementation -> (String, Duration)? in
      guard let program = Context.innermost(implementation) as? Program, program.unanswered >= .seconds(1)
      else { return nil }
      return (program.name, program.unanswered)
    }
    for (name, silence) in silences {
      context.console.say(
        "\(name) had not answered the last case after \(Report.number(silence / Duration.seconds(1))) s, when the time was up: "
          + "what it would have answered is not known; --deadline says how long a case may take")
    }
    return silences.contains { $0.1 >= .seconds(2) && $0.1 >= summary.elapsed / 2 }
  }

  private func code(_ summary: Campaign.Summary, _ corpus: [Replay]) -> ExitCode {
    if blind.contains(where: { !$0.broken.isEmpty }) { return .findings }
    if let code = ExitCode(summary, corpus) { return code }
    // A shard of a short run may have no case of its own.
    guard summary.cases > 0 || plan.quota == 0 else {
      context.console.complain("nothing was evaluated: the time was up before the first case was")
      return .badFile
    }
    if let refused = summary.refusedByAll {
      context.console.complain("nothing was evaluated: \(refused)")
      return .badFile
    }
    return summary.escaped.isEmpty && summary.healthProblems.isEmpty ? .nothing : .unhealthy
  }
}

extension Record.Part {
  fileprivate mutating func update(_ ledger: Campaign.Ledger, elapsed: Duration) {
    self.ledger = ledger
    clock.elapsed = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
  }
}

extension Campaign.Plan {
  /// Whether nothing is left to evaluate of a part.
  func isAtItsEnd(_ part: Record.Part) -> Bool {
    part.ledger.cases > 0
      && (part.ledger.cases >= quota ?? .max || duration.map { .seconds(part.clock.elapsed) >= $0 } ?? false)
  }
}
