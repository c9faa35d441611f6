import Machine
import Oracle

extension Page {
  /// A table of texts; the first column flush left, the others flush right unless `isText`.
  static func table(_ heads: [String], _ rows: [[String]], isText: Bool = false) -> String {
    let head = "<tr>" + heads.map { element("th", [:], escaped($0)) }.joined() + "</tr>"
    let body = rows.map { row in "<tr>" + row.map { element("td", [:], $0) }.joined() + "</tr>" }
    return "<div class=\"scroll\"><table\(isText ? " class=\"text\"" : "")><thead>" + head
      + "</thead><tbody>\n"
      + body.joined(separator: "\n") + "</tbody></table></div>"
  }

  /// A number that is bad news unless it is 0.
  static func count(_ number: Int, isBad: Bool) -> String {
    number == 0 ? "<span class=\"muted\">0</span>" : isBad ? "<b class=\"bad\">\(number)</b>" : "\(number)"
  }

  static func implementations(_ tallies: [Tally]) -> String? {
    guard !tallies.isEmpty else { return nil }
    let rows = tallies.map { tally in
      [
        escaped(tally.implementation) + (tally.isControl ? " <span class=\"muted\">control</span>" : ""),
        count(tally.agrees, isBad: false), count(tally.degraded, isBad: false),
        count(tally.disagrees, isBad: !tally.isControl), count(tally.failed, isBad: !tally.isControl),
        count(tally.refused, isBad: false), tally.worst.map { Report.number($0.ratio) } ?? "",
        tally.worst.map { escaped($0.quantity.rawValue) } ?? "",
        tally.worstDegraded.map { Report.number($0.error) } ?? "",
      ]
    }
    let worst = tallies.compactMap { tally in
      tally.worst.map {
        [escaped(tally.implementation), Report.number($0.ratio), "<code>\(escaped($0.recipe.text))</code>"]
      }
    }
    let refusals = tallies.flatMap { tally in
      tally.refusals.sorted { $0.key < $1.key }.map {
        [escaped(tally.implementation), "\($0.value)", escaped($0.key)]
      }
    }
    return table(
      [
        "", "agree", "degraded", "disagree", "failed", "refused", "worst that passes, error / bound", "in",
        "worst degraded",
      ], rows)
      + details(
        "Where the worst that passes was", table(["", "error / bound", "recipe"], worst, isText: true))
      + details("What was refused", table(["", "cases", "reason"], refusals, isText: true))
      + uninformative(tallies)
  }

  /// Of which results passing says little.
  private static func uninformative(_ tallies: [Tally]) -> String {
    let rows = tallies.flatMap { tally in
      tally.uninformativeShares.map {
        [escaped(tally.implementation), escaped($0.quantity.rawValue), "\($0.count)", "\($0.of)"]
      }
    }
    guard !rows.isEmpty else { return "" }
    return details(
      "Not informative: cases in which an error of more than 1% of the result would have passed",
      table(["", "result", "cases", "of"], rows, isText: true))
  }

  /// On how many cases of each implementation a property applied.
  static func properties(_ tallies: [Tally]) -> String? {
    let tested = tallies.filter { !$0.isControl && !$0.checked.isEmpty }
    guard !tested.isEmpty else { return nil }
    let rows = Property.all.map { property in
      [escaped(property.name)]
        + tested.map { tally in
          let (checked, violated) = (tally.checked[property.name] ?? 0, tally.violated[property.name] ?? 0)
          return violated > 0
            ? "<b class=\"bad\">\(violated)</b> of \(checked)" : count(checked, isBad: false)
        }
    }
    return details(
      "Cases that each property applied to", table(["property"] + tested.map(\.implementation), rows))
  }

  static func corpus(_ replays: [Replay]) -> String? {
    guard !replays.isEmpty else { return nil }
    let rows = replays.map { replay in
      let isBad = replay.outcome == .changed || replay.outcome == .unreadable
      let word =
        replay.outcome == .same
        ? "as recorded" : replay.outcome == .notEvaluated ? "not evaluated" : replay.outcome.rawValue
      return [
        escaped(replay.file.split(separator: "/").first ?? ""), escaped(replay.implementation),
        isBad ? "<b class=\"bad\">\(word)</b>" : word, "<code>\(escaped(replay.recipe))</code>",
      ]
    }
    return details(
      counted(replays.count, "file"),
      table(["shelf", "implementation", "outcome", "recipe"], rows, isText: true))
  }

  /// Runs one after the other, the latest first.
  static func runs(_ nights: [Nights.Night]) -> String {
    let rows = nights.reversed().map { night in
      [
        escaped(night.time), "\(night.total.plan.seed)", escaped(night.total.plan.size),
        grouped(night.ledger.cases),
        count(night.findings.count, isBad: true),
        "\(night.record.parts.count) of \(night.record.plan.shards)",
        span(night.seconds), night.provenances.map { escaped($0.program) }.joined(separator: ", "),
      ]
    }
    return details(
      counted(nights.count, "run"),
      table(["started", "seed", "size", "cases", "findings", "shards", "time", "by"], rows, isText: true))
  }

  static func details(_ summary: String, _ content: String) -> String {
    "<details>" + element("summary", [:], escaped(summary)) + content + "</details>"
  }
}
