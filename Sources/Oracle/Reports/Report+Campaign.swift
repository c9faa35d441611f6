import Foundation
import GatedDeltaRule
import Generator
import Machine

extension Report {
  /// What a run came to: what was found and the line that replays it, the verdict on each implementation, what speaks
  /// against believing the run, the controls, and what was drawn.
  ///
  /// - Parameters:
  ///   - listsCoverage: whether every label is listed with its count, instead of one line on all of them.
  ///   - width: the columns that a row of a table may take.
  package static func lines(_ summary: Campaign.Summary, listsCoverage: Bool = false, width: Int = .max)
    -> [String]
  {
    let seconds = seconds(summary.elapsed)
    let rate = seconds > 0 ? Double(summary.cases) / seconds : 0
    let head =
      "\(counted(summary.cases, "case")) in \(number(seconds)) s, \(number(rate)) a second, seed \(summary.plan.seed)"
      + (summary.wasInterrupted ? "; interrupted, everything is saved" : "")
    return [head] + findings(summary) + unreproduced(summary) + [""]
      + verdicts(summary, width: width)
      + refusals(summary.tallies) + evidence(summary) + health(summary) + controls(summary)
      + [""] + coverageLines(summary, listsCoverage) + (listsCoverage ? coverageTable(summary) : [])
  }

  /// The same from a record: all of its shards together.
  package static func lines(_ record: Record, listsCoverage: Bool = false, width: Int = .max) -> [String] {
    let total = record.total
    let elapsed = record.parts.reduce(0) { $0 + $1.clock.elapsed }
    let missing = record.missingText.map { ["", "not complete: \($0) missing"] } ?? []
    let changed = total.corpus.filter { $0.outcome == .changed || $0.outcome == .unreadable }
    let summary = Campaign.Summary(plan: total.plan, ledger: total.ledger, elapsed: .seconds(elapsed))
    return lines(summary, listsCoverage: listsCoverage, width: width)
      + (changed.isEmpty ? [] : [""]) + changed.map { "\($0.file): \($0.outcome.rawValue): \($0.detail)" }
      + missing
  }

  private static func coverageLines(_ summary: Campaign.Summary, _ isListed: Bool) -> [String] {
    let table = summary.coverage.table
    let drawn = table.count { $0.count > 0 }
    let missed = summary.coverage.missed(in: summary.plan.profile).count
    let ranges = table.filter { Label.sizeRanges.contains($0.label) && $0.count == 0 }.map(\.label)
    let never = ranges.isEmpty ? [] : ["sizes that were never drawn: \(ranges.joined(separator: "; "))"]
    return never + [
      "drawn: \(drawn) of \(table.count) labelled dangers, \(missed) of them too rarely"
        + (isListed ? "; cases of each:" : "; --coverage lists them")
    ]
  }

  private static func coverageTable(_ summary: Campaign.Summary) -> [String] {
    summary.coverage.table.map { "\($0.label) \($0.count)" }.wrapped(to: 78)
  }

  private static func health(_ summary: Campaign.Summary) -> [String] {
    let problems = summary.healthProblems
    let notes = summary.healthNotes
    return (problems.isEmpty ? [] : ["", "this run should not be believed:"] + problems.map { "  \($0)" })
      + (notes.isEmpty ? [] : ["", "notes:"] + notes.map { "  \($0)" })
  }

  private static func controls(_ summary: Campaign.Summary) -> [String] {
    let caught = summary.caught.flatMap { found in
      [
        "control \(found.finding.implementation): caught at case \(found.index), as it must be",
        "  " + replayLine(found),
      ]
    }
    let escaped = summary.escaped.map { name in
      "control \(name): not caught; \(uncaught)"
    }
    return (caught + escaped).isEmpty ? [] : [""] + caught + escaped
  }

  private static func unreproduced(_ summary: Campaign.Summary) -> [String] {
    summary.ledger.unreproduced.flatMap { found in
      [
        "",
        "\(found.finding.implementation), case \(found.index), not counted: fresh processes did not reproduce it:",
      ]
        + details(found)
    }
  }

  private static func findings(_ summary: Campaign.Summary) -> [String] {
    let findings = summary.findings + summary.unfinished
    guard !findings.isEmpty else {
      return ["", summary.refusedByAll.map { "nothing was evaluated: \($0)" } ?? "no findings"]
    }
    let cards = Card.all(of: findings)
    let causes = cards.count < findings.count ? ", \(counted(cards.count, "cause"))" : ""
    var lines = ["", counted(findings.count, "finding") + causes]
    for card in cards { lines += [""] + self.lines(card) }
    lines += ["", "failing cases by kind:"]
    for (signature, count) in summary.failures.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(signature): \(counted(count, "case"))")
    }
    return lines
  }

  /// One bug: the simplest case of it, what to ask next, and what else shows it.
  private static func lines(_ card: Card) -> [String] {
    let found = card.simplest
    let isAsked = found.cause == nil && found.finding.evidence == nil && found.replay == nil
    let next = isAsked ? ["  " + commandLine("explain", found)] : []
    let more =
      card.others.isEmpty ? [] : ["  the same again:"] + card.others.prefix(3).map { "    " + replayLine($0) }
    let left = card.others.count > 3 ? ["    and \(card.others.count - 3) more, all saved"] : []
    return ["\(found.finding.implementation), case \(found.index):"] + details(found) + next + more + left
  }

  /// A reduced finding: what disagreed, how far it was reduced, the line that replays it.
  package static func details(_ found: Campaign.Found) -> [String] {
    var lines = ["  \(found.finding.implementation) " + found.sentence, "  " + reduction(found)]
    if let reproduction = reproduction(found) { lines.append("  " + reproduction) }
    return lines + found.explanation.map { "  " + $0 } + ["  " + replayLine(found)]
  }

  /// How many fresh processes reproduce it; nil if none was asked.
  package static func reproduction(_ found: Campaign.Found) -> String? {
    found.reproductions.map { "reproduced by \($0) of \(Campaign.Found.freshProcesses) fresh processes" }
  }

  /// What it means that a control was not caught.
  package static let uncaught = "the oracle does not see a known fault, or the run was too short"

  /// How far a finding was reduced.
  package static func reduction(_ found: Campaign.Found) -> String {
    if found.finding.evidence != nil { return "shown by many cases together, not reduced to one" }
    if found.shrunk.failure.kind == Failure.systematic, found.shrunk.evaluations == 0 {
      return "not reduced: smaller cases show less of it"
    }
    guard found.shrunk.failure.isRepeatable else {
      return "not reduced: does not reproduce on its own, depends on earlier cases"
    }
    return reduction(found.shrunk)
  }

  /// The same of one that reproduces.
  package static func reduction(_ shrunk: Shrinker.Result) -> String {
    let end =
      if shrunk.isMinimal {
        "minimal: nothing fails on any simpler recipe that was tried around it"
      } else if shrunk.hasSimplerFailures == true {
        "reduced: what is simpler passes, or fails in another way or by less"
      } else {
        "perhaps not minimal: the time or the budget ended first"
      }
    return "\(end) (\(counted(shrunk.evaluations, "evaluation")))"
  }

  /// What a person types to see it again.
  package static func replayLine(_ found: Campaign.Found) -> String {
    found.replay ?? commandLine(found.finding.evidence == nil ? "replay" : "replay --family", found)
  }

  private static func commandLine(_ command: String, _ found: Campaign.Found) -> String {
    "gdr \(command) \(found.finding.recipe) "
      + "\(found.against ?? "--only \(found.finding.implementation)")"
  }

  /// How far a run is, in parts of which the first matter most: a narrow terminal has no room for the last.
  package static func progress(_ progress: Campaign.Progress, of plan: Campaign.Plan) -> [String] {
    let seconds = self.seconds(progress.elapsed)
    let rate = seconds > 0 ? Double(progress.cases) / seconds : 0
    var parts = [
      counted(progress.cases, "case"),
      counted(progress.findings, "finding"),
    ]
    if let total = plan.cases, rate > 0 {
      parts.append("\(number(Double(max(0, total / plan.shards - progress.cases)) / rate)) s left")
    } else if let duration = plan.duration {
      parts.append("\(Int(max(0, self.seconds(duration) - seconds).rounded())) s left")
    }
    let passing = progress.tallies.filter { !$0.isControl }.compactMap { tally in
      tally.worst.map { (tally.implementation, $0.ratio) }
    }
    if let (name, ratio) = passing.max(by: { $0.1 < $1.1 }) {
      parts.append("worst that passes \(number(ratio)) of its bound (\(name))")
    }
    return parts + ["\(number(rate)) a second"]
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
