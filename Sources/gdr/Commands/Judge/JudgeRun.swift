import Foundation
import GatedDeltaRule
import Generator
import Machine
import Oracle

/// A run for one verdict.
struct JudgeRun {
  let plan: Campaign.Plan
  let blind: Blind
  let context: Context
  let deadline: Deadline
  let start: ContinuousClock.Instant
  /// Where findings are saved; nil to save none.
  let corpus: Corpus?
  let acceptsRefusals: Bool
  /// Whether one that declares gradients missing does not pass.
  let needsGradients: Bool
  let leftOut: [String]
  /// What is timed where it passes, the first of these that is taken; none for nothing.
  let timing: [BenchCase]
  /// When the time is up, the times included; nil where cases are counted.
  let end: ContinuousClock.Instant?

  /// So many findings are explained, and looked at for how they came about.
  private static let explained = 5
  /// Of the time of a run what its power may take, at most.
  private static let share = 0.05, longest = Duration.seconds(30)
  /// What is kept of it for the times.
  static let timed = 0.25

  /// The verdict, and the same for a person.
  func run() throws -> (JudgeReport, [String]) {
    let line = ProgressLine()
    var explanations: [String: Explanation] = [:]
    var worst: [Quantity: Double] = [:]
    let summary = try Campaign(plan, until: deadline).run(
      after: ContinuousClock.now - start,
      observe: { _, one, _ in one.results.forEach { worst.add($0.judgement) } },
      save: { found in
        line.clear()
        try consider(&found, &explanations)
      },
      report: { line.show(parts: Report.progress($0, of: plan)) },
      isInterrupted: { Interruption.isRequested })
    line.clear()
    let spare = min(JudgeRun.longest, (.now - start) * JudgeRun.share)
    let power = JudgePower(plan, of: blind.base, cases: summary.cases, until: .now + spare)
    var judged = Judged(
      summary: summary, blind: blind, explanations: explanations, worst: worst,
      acceptsRefusals: acceptsRefusals, needsGradients: needsGradients)
    if judged.verdict == .passes, !timing.isEmpty {
      if let end { deadline.set(end) }
      judged.timing = try clocked()
    }
    let report = judged.report(in: context, power: power, leftOut: leftOut, contract: plan.contract)
    return (report, judged.lines(report, width: context.console.textWidth))
  }

  /// Explains the first findings and looks how they came about, as long as there is time.
  private func consider(_ found: inout Campaign.Found, _ explanations: inout [String: Explanation]) throws {
    found.finding.command = context.command(of: blind.name)
    found.finding.law = context.law(of: blind.name)
    found.against = context.replayFlags(of: blind.name)
    if let corpus {
      try AtomicFile.makeFolder(corpus.folder(.found))
      _ = try corpus.save(found.finding, on: .found)
    }
    guard explanations.count < JudgeRun.explained, found.finding.evidence == nil, !deadline.hasPassed,
      !Interruption.isRequested
    else { return }
    let recipe = found.origin
    _ = deadline.outcome { blind.examine(recipe) }
    guard found.shrunk.failure.isRepeatable,
      let known = try found.explain(by: blind, until: deadline)
    else { return }
    explanations[found.finding.fileName] = known
  }

  /// How long it takes, at the first of the sizes that it takes.
  private func clocked() throws -> Judged.Timing {
    var last = Judged.Timing.left("")
    for one in timing {
      last = try clocked(one)
      guard case .left = last else { return last }
    }
    return last
  }

  /// The same of one size: forward alone where it has not all gradients.
  private func clocked(_ timing: BenchCase) throws -> Judged.Timing {
    let timing = blind.declaration.withoutGradients.isEmpty ? timing : timing.forward
    let stopwatch = Stopwatch(rounds: 7, threads: 1) { _ in }
    do {
      let (timed, unfit) = try stopwatch.qualify(timing, [blind.base])
      if Interruption.isRequested { return .interrupted }
      if let reason = unfit.first, timed.isEmpty {
        if deadline.hasPassed { return .left("the time was up") }
        return reason.isWrong ? .wrong(reason.reason) : .left(reason.reason)
      }
      let (results, wrong) = try stopwatch.measure(timing, [blind.base])
      return results.first.map { .times(times($0, timing)) } ?? .wrong(wrong.first?.reason ?? "")
    } catch is Interrupted {
      return Interruption.isRequested ? .interrupted : .left("the time was up")
    } catch let refusal as Refusal {
      return .left("it refuses that: \(refusal)")
    } catch let breakdown as Breakdown {
      return .wrong("\(breakdown)")
    }
  }

  private func times(_ result: BenchResult, _ timing: BenchCase) -> JudgeTimes {
    let (spread, echo) = (Spread(of: result.seconds), result.echo.map(Spread.init))
    return JudgeTimes(
      layer: timing.layer.text, T: timing.T, gradients: timing.gradients, rounds: result.seconds,
      median: spread.median, low: spread.low, high: spread.high, echo: echo?.median, echoLow: echo?.low,
      echoHigh: echo?.high,
      claim: result.claims?.median, flags: TimeClaim(result, timing).doubts)
  }
}

extension [Quantity: Double] {
  /// Errors over their bounds, where the bound is what is allowed; infinite once an element is no number.
  fileprivate mutating func add(_ judgement: Judgement) {
    guard !judgement.isExact, judgement.clampDeviation.isEmpty else { return }
    for (quantity, ratio) in judgement.ratios {
      let known = self[quantity] ?? 0
      self[quantity] = ratio <= known ? known : ratio.isFinite ? ratio : .infinity
    }
  }
}
