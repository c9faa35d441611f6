import Foundation
import GatedDeltaRule
import Generator

extension Report {
  /// What a run came to: who agreed and how closely, what was refused, what was found, and the line that replays
  /// each finding.
  public static func lines(_ summary: Campaign.Summary) -> [String] {
    coverage(summary) + tallies(summary) + health(summary) + controls(summary) + unreproduced(summary)
      + findings(summary)
  }

  /// The same from a record: all of its shards together.
  public static func lines(_ record: Record) -> [String] {
    let total = record.total
    let elapsed = record.parts.reduce(0) { $0 + $1.clock.elapsed }
    let missing =
      record.missing.isEmpty
      ? [] : ["", "missing: shard " + record.missing.map(String.init).joined(separator: ", ")]
    let changed = total.corpus.filter { $0.outcome == .changed || $0.outcome == .unreadable }
    return lines(Campaign.Summary(plan: total.plan, ledger: total.ledger, elapsed: .seconds(elapsed)))
      + (changed.isEmpty ? [] : [""]) + changed.map { "\($0.file): \($0.outcome.rawValue): \($0.detail)" }
      + missing
  }

  private static func tallies(_ summary: Campaign.Summary) -> [String] {
    let seconds = seconds(summary.elapsed)
    let rate = seconds > 0 ? Double(summary.cases) / seconds : 0
    var lines = [
      "\(summary.cases) cases in \(number(seconds)) s, \(number(rate)) a second, seed \(summary.plan.seed)",
      "",
    ]
    let width = summary.tallies.map(\.implementation.count).max() ?? 0
    for tally in summary.tallies {
      let name = tally.implementation.padding(toLength: width, withPad: " ", startingAt: 0)
      var parts = ["\(tally.agrees) agree"]
      if let worst = tally.worst {
        parts[0] += ", worst \(number(worst.ratio)) of its bound (\(worst.quantity.rawValue))"
      }
      if let error = tally.worstDegraded?.error {
        parts.append("\(tally.degraded) degraded, worst \(number(error)) of the tensor")
      }
      if tally.disagrees > 0 { parts.append("\(tally.disagrees) disagree") }
      if tally.failed > 0 { parts.append("\(tally.failed) failed") }
      if tally.refused > 0 { parts.append("\(tally.refused) refused") }
      lines.append("  \(name)  " + parts.joined(separator: "; ") + (tally.isControl ? "  (control)" : ""))
    }
    for tally in summary.tallies {
      for (reason, count) in tally.refusals.sorted(by: { $0.key < $1.key }) {
        lines.append("  \(tally.implementation) refused \(count): \(reason)")
      }
      if tally.otherRefusals > 0 {
        lines.append("  \(tally.implementation) refused \(tally.otherRefusals) for other reasons")
      }
    }
    return lines
  }

  private static func coverage(_ summary: Campaign.Summary) -> [String] {
    let table = summary.coverage.table.filter { $0.count > 0 }
    return ["", "drawn:"] + table.map { "\($0.label) \($0.count)" }.wrapped(to: 108)
  }

  private static func health(_ summary: Campaign.Summary) -> [String] {
    let ailments = summary.ailments
    return ailments.isEmpty ? [] : ["", "not healthy:"] + ailments.map { "  \($0)" }
  }

  private static func controls(_ summary: Campaign.Summary) -> [String] {
    var lines: [String] = []
    for found in summary.caught {
      lines += ["", "control \(found.finding.implementation) caught at case \(found.index), as it must be:"]
      lines += details(found)
    }
    for name in summary.escaped {
      lines += ["", "control \(name) was not caught: the detector is blind, or the run was too short"]
    }
    return lines
  }

  private static func unreproduced(_ summary: Campaign.Summary) -> [String] {
    summary.ledger.unreproduced.flatMap { found in
      [
        "",
        "\(found.finding.implementation), case \(found.index), not counted: fresh processes did not show it again:",
      ]
        + details(found)
    }
  }

  private static func findings(_ summary: Campaign.Summary) -> [String] {
    guard !summary.findings.isEmpty else { return ["", "no findings"] }
    var lines = ["", "\(summary.findings.count) finding\(summary.findings.count == 1 ? "" : "s")"]
    for found in summary.findings {
      lines += ["", "\(found.finding.implementation), case \(found.index):"]
      lines += details(found)
    }
    for (signature, count) in summary.failures.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(signature): \(count) case\(count == 1 ? "" : "s") in all")
    }
    return lines
  }

  /// A reduced finding: what disagreed, how far it was reduced, the line that replays it.
  public static func details(_ found: Campaign.Found) -> [String] {
    var lines = ["  \(found.finding.implementation) " + found.sentence, "  " + reduction(found)]
    if let reproductions = found.reproductions {
      lines.append("  \(reproductions) of \(Campaign.Found.freshProcesses) fresh processes show it again")
    }
    return lines + found.explanation.map { "  " + $0 } + ["  " + replayLine(found)]
  }

  /// How far a finding was reduced.
  public static func reduction(_ found: Campaign.Found) -> String {
    guard found.shrunk.failure.isRepeatable else {
      return "not reduced: the case alone does not bring it about"
    }
    let end = found.shrunk.isMinimal ? "nothing simpler fails so" : "the time or the budget ended first"
    return "reduced in \(found.shrunk.evaluations) evaluations; \(end)"
  }

  /// What a person types to see it again.
  public static func replayLine(_ found: Campaign.Found) -> String {
    "gdr replay \(found.finding.recipe) \(found.against ?? "--only \(found.finding.implementation)")"
  }

  /// One line while a run is under way: how far, how fast, what it found, and the worst so far.
  public static func progress(_ progress: Campaign.Progress, of plan: Campaign.Plan) -> String {
    let seconds = self.seconds(progress.elapsed)
    let rate = seconds > 0 ? Double(progress.cases) / seconds : 0
    let left =
      if let total = plan.cases {
        rate > 0 ? "\(number(Double(total / plan.shards - progress.cases) / rate)) s left" : ""
      } else if let duration = plan.duration {
        "\(number(max(0, self.seconds(duration) - seconds))) s left"
      } else {
        "no end"
      }
    let worst = progress.tallies.filter { !$0.isControl }
      .compactMap { tally in tally.worst.map { "\(tally.implementation) \(number($0.ratio))" } }
    let found = "\(progress.findings) finding\(progress.findings == 1 ? "" : "s")"
    return
      "\(progress.cases) cases, \(number(rate)) a second, \(left), \(found); worst \(worst.joined(separator: ", "))"
  }

  static func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
  }
}

extension [String] {
  /// The items in lines of at most this many characters, indented by two.
  func wrapped(to width: Int) -> [String] {
    reduce(into: []) { lines, item in
      if let last = lines.last, last.count + item.count + 2 <= width {
        lines[lines.count - 1] = last + ", " + item
      } else {
        lines.append("  " + item)
      }
    }
  }
}
