import Foreign
import GatedDeltaRule
import Machine
import Oracle

/// What a run and its probes come to.
struct Judged {
  let summary: Campaign.Summary
  let blind: Blind
  /// Of findings, by the names of their files.
  let explanations: [String: Explanation]
  /// Of the answers to all cases.
  let worst: [Quantity: Double]
  let acceptsRefusals: Bool
  let needsGradients: Bool
  /// Nil where nothing was to be timed.
  var timing: Timing?

  /// What came of timing it.
  enum Timing {
    case times(JudgeTimes)
    /// An answer that was timed is wrong.
    case wrong(String)
    /// It was not timed.
    case left(String)
    /// By a signal.
    case interrupted
  }

  private var wrongWhereTimed: String? {
    if case .wrong(let reason) = timing { reason } else { nil }
  }

  var wasInterrupted: Bool {
    if case .interrupted = timing { true } else { summary.wasInterrupted }
  }

  private var tally: Tally? { summary.tallies.first }
  private var findings: [Campaign.Found] { summary.findings + summary.unfinished + summary.caught }

  var verdict: JudgeReport.Verdict {
    if !findings.isEmpty || !summary.ledger.unreproduced.isEmpty || !blind.broken.isEmpty
      || wrongWhereTimed != nil
    {
      return .fails
    }
    return gaps.isEmpty ? .passes : .incomplete
  }

  private var exit: ExitCode {
    switch verdict {
    case .passes: .nothing
    case .fails: .findings
    case .incomplete:
      wasInterrupted ? .interrupted : evaluated == 0 ? .badFile : .unhealthy
    }
  }

  var evaluated: Int { tally?.evaluated ?? 0 }

  private var notes: [String] {
    var notes = summary.healthNotes.map(\.description)
    if !needsGradients, let missing = missingGradients { notes.append(missing) }
    if case .left(let reason) = timing { notes.append("it was not timed: \(reason)") }
    return notes
  }

  private var reasons: [String] {
    let cards = Card.all(of: findings)
    return blind.broken.map { Report.sentence($0.probe, $0.tally, of: blind.name) }
      + cards.map { "\(blind.name) \($0.simplest.sentence)" }
      + (wrongWhereTimed.map { ["\(blind.name), where it is timed: \($0)"] } ?? []) + gaps
  }
}

extension Judged {
  func report(
    in context: Context, power: JudgePower, leftOut: [String], contract: String?
  ) -> JudgeReport {
    let cards = Card.all(of: findings).map(finding)
    return JudgeReport(
      gdr: version, verdict: verdict, exit: exit.rawValue, reasons: reasons, seed: String(summary.plan.seed),
      cases: summary.cases, seconds: summary.elapsed / .seconds(1),
      worker: JudgeReport.Worker(
        name: blind.name, command: context.command(of: blind.name), summary: blind.summary,
        declared: Context.innermost(blind).declaration.words, law: context.law(of: blind.name),
        contract: contract ?? blind.declaration.contract.flatMap { $0 == .plain ? nil : $0.description }),
      results: results(power), findings: cards, failures: summary.failures, probes: probes,
      refusals: refusals,
      leftOut: leftOut, notes: notes,
      plain: tally?.plain.map { JudgeReport.Plain(cases: $0.cases, fails: $0.fails, worst: $0.worst) },
      times: times, next: next(cards, in: context))
  }

  private var times: JudgeTimes? { if case .times(let times) = timing { times } else { nil } }

  /// Of a finding that its case alone shows what explains it; else, where something is wrong or was not judged, the
  /// same cases again.
  private func next(_ cards: [JudgeReport.Finding], in context: Context) -> String? {
    if let shown = cards.first(where: \.repeatable) { return shown.explain }
    return verdict == .passes ? nil : context.lineAgain(seed: summary.plan.seed)
  }

  private func results(_ power: JudgePower) -> [JudgeReport.Result] {
    guard let tally else { return [] }
    return Quantity.allCases.compactMap { quantity in
      let judged = tally.answered[quantity.rawValue] ?? 0
      guard judged > 0 || tally.asked[quantity.rawValue] != nil else { return nil }
      return JudgeReport.Result(
        result: quantity.rawValue, judged: judged,
        worst: worst[quantity].flatMap { $0.isFinite ? $0 : nil },
        uninformative: tally.uninformative?[quantity.rawValue] ?? 0,
        power: judged > 0 ? power.smallestFault(in: quantity) : nil)
    }
  }

  private func finding(_ card: Card) -> JudgeReport.Finding {
    let found = card.simplest
    let known = explanations[found.finding.fileName]
    let flags = found.against ?? ""
    return JudgeReport.Finding(
      recipe: found.finding.recipe, kind: found.shrunk.failure.kind,
      results: (found.shrunk.failure.results ?? []).map(\.rawValue),
      severity: found.shrunk.failure.severity.isFinite ? found.shrunk.failure.severity : nil,
      sentence: found.sentence,
      pattern: found.pattern.map { Report.lines($0, named: "as met at \(found.origin.sizesText)") } ?? [],
      cause: known.map { JudgeReport.Cause(text: $0.cause.text, likely: $0.cause.isLikely) },
      known: known?.alike.map(\.name) ?? [], others: card.others.map(\.finding.recipe),
      repeatable: found.shrunk.failure.isRepeatable, replay: Report.replayLine(found),
      explain: "gdr explain \(found.finding.recipe) \(flags)")
  }

  private var probes: [JudgeReport.ProbeResult] {
    Probe.allCases.map { probe in
      let tally = blind.tallies[probe] ?? ProbeTally()
      return JudgeReport.ProbeResult(
        name: probe.rawValue, asked: tally.asked, broken: tally.broken,
        sentence: tally.broken > 0 ? Report.sentence(probe, tally, of: blind.name) : nil, recipe: tally.recipe
      )
    }
  }

  private var refusals: [JudgeReport.Refused] {
    let byValue = blind.refusalsByValue
    return (tally?.refusals ?? [:]).sorted { $0.key < $1.key }.map { reason, count in
      JudgeReport.Refused(reason: reason, count: count, byValue: min(count, byValue[reason] ?? 0))
    }
  }

  /// The same for a person.
  func lines(_ report: JudgeReport, width: Int) -> [String] {
    let power = report.results.compactMap { result in
      result.power.map { "\(result.result) \(Report.number($0))" }
    }
    var lines = Report.lines(summary, width: width)
    lines += [""] + Report.probes(blind)
    if !power.isEmpty {
      lines.append(
        "half of the runs like this one would see a relative fault of " + power.joined(separator: ", "))
    }
    if let times = report.times {
      lines.append(
        "\(times.layer), T = \(times.T), \(times.gradients ? "with gradients" : "forward alone"): \(milliseconds(times.median)) (\(milliseconds(times.low)) to \(milliseconds(times.high)))"
          + (times.echo.map { ", less \(milliseconds($0)) of the pipe" } ?? "")
          + (times.claim.map { ", it claims \(milliseconds($0))" } ?? ""))
      lines += times.flags.map { "  \($0)" }
    }
    // What else is worth knowing a run says above.
    lines += report.notes.dropFirst(summary.healthNotes.count)
    return lines + ["", "\(blind.name) \(report.verdict.rawValue)" + (report.reasons.isEmpty ? "" : ":")]
      + report.reasons.map { "  \($0)" } + (report.next.map { ["next: \($0)"] } ?? [])
  }
}

extension Declaration {
  /// In words, for whoever reads a verdict.
  fileprivate var words: String {
    let formats = [
      ("products", products.rawValue), ("beta", betaPrecision.rawValue), ("g", decayPrecision.rawValue),
      ("exp|b|", sigmoidPrecision.rawValue), ("qk", (queryKeyPrecision ?? .fp32).rawValue),
      ("dq", headPrecision.rawValue),
    ].filter { $0.1 != Precision.fp32.rawValue }.map { "\($0):\($1)" }
    let floor = clamp == .none ? [] : [clamp.word]
    return ([form.text] + formats + floor).joined(separator: ",")
  }
}

extension Context {
  /// The command line that does the same once more, with this seed.
  fileprivate func lineAgain(seed: UInt64) -> String {
    var words: [String] = []
    var rest = self.words[...]
    while let word = rest.popFirst() {
      if word == "--json" || word == "--seed" {
        rest = rest.dropFirst()
      } else if !word.hasPrefix("--json=") && !word.hasPrefix("--seed=") {
        words.append(word)
      }
    }
    return (["gdr"] + words.map(\.shellWord) + ["--seed", "\(seed)"]).joined(separator: " ")
  }
}
