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
  let leftOut: [String]
  /// What is timed where it passes; nil for nothing.
  let timing: BenchCase?

  /// So many findings are explained, and looked at for how they came about.
  private static let explained = 5
  /// Of the time of a run what its power and the times may take, at most.
  private static let share = 0.15, longest = Duration.seconds(30)

  /// The verdict, and the same for a person.
  func run() throws -> (JudgeReport, [String]) {
    let line = ProgressLine()
    var explanations: [String: Explanation] = [:]
    let summary = try Campaign(plan, until: deadline).run(
      after: ContinuousClock.now - start,
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
      summary: summary, blind: blind, explanations: explanations, acceptsRefusals: acceptsRefusals)
    if judged.verdict == .passes, !summary.wasInterrupted {
      (judged.times, judged.wrongWhereTimed) = try times()
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

  /// How long it takes, nil where it does not take what is timed; and why its answers there are wrong.
  private func times() throws -> (JudgeTimes?, wrong: String?) {
    guard let timing else { return (nil, nil) }
    let stopwatch = Stopwatch(rounds: 7, threads: 1) { _ in }
    let (timed, unfit) = try stopwatch.qualify(timing, [blind.base])
    guard timed.count == 1 else { return (nil, unfit.first { $0.isWrong }?.reason) }
    let (results, wrong) = try stopwatch.measure(timing, [blind.base])
    guard let result = results.first else { return (nil, wrong.first?.reason) }
    return (times(result, timing), nil)
  }

  private func times(_ result: BenchResult, _ timing: BenchCase) -> JudgeTimes {
    let spread = Spread(of: result.seconds)
    return JudgeTimes(
      layer: timing.layer.text, T: timing.T, gradients: timing.gradients, rounds: result.seconds,
      median: spread.median, low: spread.low, high: spread.high, echo: result.echo?.median,
      claim: result.claims?.median, flags: TimeClaim(result, timing).doubts)
  }
}
