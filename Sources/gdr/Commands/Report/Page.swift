import Foundation
import Generator
import Machine
import Oracle

/// A run as one page: style and pictures are in it, nothing is fetched, no script runs.
struct Page {
  let nights: Nights
  private let guardMap: GuardMap?
  private let map: MapSheet?
  private let power: PowerSheet?

  /// With the guard's map, that of one implementation, and the smallest faults that are found, where there are any.
  init(_ nights: Nights, guardMap: GuardMap? = nil, map: MapSheet? = nil, power: PowerSheet? = nil) {
    (self.nights, self.guardMap, self.map, self.power) = (nights, guardMap, map, power)
  }

  var night: Nights.Night { nights.latest }

  /// The file's text.
  var text: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>gdr, \(escaped(night.time)): \(escaped(verdict))</title>
    <style>
    \(SVG.style)
    \(Page.style)
    </style>
    </head>
    <body>
    \(([head] + sections).joined(separator: "\n"))
    </body>
    </html>

    """
  }

  private var sections: [String] {
    [
      section("Findings", findings), section("Saved cases that changed", changed),
      section("Implementations", Page.implementations(night.ledger.tallies)),
      section("Evidence of many cases together", evidence),
      section(
        "The smallest fault that is found", power?.html, note: PowerTable.legend.joined(separator: " ")),
      section("Error over bound", distributions, note: Page.ridges),
      section("Worst error over bound, run by run", history), section("Where each solve is safe", solves),
      section("Where your kernel is safe", safety),
      section("What was drawn, among a thousand cases", coverage, note: Page.labels),
      section("Properties", Page.properties(night.ledger.tallies)), section("Controls", controls),
      section("Saved cases", Page.corpus(night.total.corpus)),
    ].compactMap(\.self)
  }

  private static let ridges =
    "Where the errors of all cases lie, per result: heights are square roots of counts, the bar at 0 is the share of cases "
    + "without any error. Past the bound a case is degraded where a 16-bit deployment would not notice, else a finding."
  private static let labels =
    "A stroke marks the least that a correct generator draws; bars are square roots."

  /// Nil for a section in which nothing would stand.
  private func section(_ title: String, _ content: String?, note: String? = nil) -> String? {
    content.map { content in
      "<section>\n" + element("h2", [:], escaped(title))
        + (note.map { element("p", ["class": "muted"], escaped($0)) } ?? "")
        + "\n" + content + "\n</section>"
    }
  }

  // MARK: findings

  private var findings: String? {
    let counted = Card.all(of: night.findings).map { card($0.simplest, "finding", $0.others) }
    let doubted = night.ledger.unreproduced.map { card($0, "doubt") }
    guard !(counted + doubted).isEmpty else {
      return element(
        "p", ["class": "muted"],
        "None. Every implementation under test agrees with the reference, has every property, and does on the saved cases what is recorded."
      )
    }
    return (counted + doubted).joined(separator: "\n")
  }

  /// - Parameter others: what shows the same.
  private func card(
    _ found: Campaign.Found, _ style: String, _ others: [Campaign.Found] = []
  ) -> String {
    let count = night.ledger.failures[found.signature] ?? 0
    let isCounted = !found.isControl && found.finding.evidence == nil
    let facts = [
      "case \(found.index)", Report.reduction(found),
      Report.reproduction(found),
      isCounted ? counted(count, "case") + " like it" : nil,
    ].compactMap(\.self).joined(separator: " · ")
    return "<article class=\"\(style)\">"
      + element(
        "h3", [:],
        escaped(found.finding.implementation) + " "
          + element("span", ["class": "kind"], escaped(found.shrunk.failure.kind)))
      + element("p", [:], escaped(found.sentence))
      + (found.pattern.map(PatternPicture.html) ?? "")
      + (found.explanation.isEmpty
        ? ""
        : "<ul>"
          + found.explanation.filter { found.pattern == nil || PatternPicture.saysMore($0) }.map {
            element("li", [:], escaped($0))
          }.joined() + "</ul>")
      + element("pre", [:], escaped(Report.replayLine(found)))
      + (others.isEmpty
        ? ""
        : element("p", ["class": "muted"], "the same again:")
          + element("pre", [:], others.map { escaped(Report.replayLine($0)) }.joined(separator: "\n")))
      + element("p", ["class": "muted"], escaped(facts))
      + element("p", ["class": "muted origin"], "found in " + escaped(found.origin.text)) + "</article>"
  }

  private var evidence: String? {
    let lines = night.evidence
    guard !lines.isEmpty else { return nil }
    return "<ul>" + lines.map { element("li", [:], escaped($0)) }.joined() + "</ul>"
  }

  private var changed: String? {
    night.changed.isEmpty
      ? nil
      : night.changed.map { replay in
        "<article class=\"finding\">" + element("h3", [:], escaped(replay.implementation))
          + element("p", [:], escaped(replay.detail))
          + element("pre", [:], escaped("gdr replay " + night.file(of: replay)))
          + "</article>"
      }.joined(separator: "\n")
  }

  private var controls: String? {
    let all =
      night.ledger.caught.map { card($0, "control") }
      + night.escaped.map { name in
        "<article class=\"finding\">" + element("h3", [:], escaped(name))
          + element("p", [:], "was not caught: \(Report.uncaught)")
          + "</article>"
      }
    return all.isEmpty ? nil : all.joined(separator: "\n")
  }

  // MARK: pictures

  private var distributions: String? {
    let figures = night.ledger.tallies.compactMap { tally in
      DistributionPicture.svg(tally).map { svg in
        let title = tally.implementation + (tally.isControl ? " (control)" : "")
        return "<figure>" + element("figcaption", [:], escaped(title)) + svg.inline + "</figure>"
      }
    }
    return figures.isEmpty ? nil : "<div class=\"figures\">" + figures.joined(separator: "\n") + "</div>"
  }

  private var history: String? {
    HistoryPicture.svg(nights.nights).map {
      "<figure class=\"wide\">" + $0.inline + "</figure>" + Page.runs(nights.nights)
    }
  }

  private var safety: String? {
    map.map { sheet in
      let lines = sheet.lines.map { line in
        element(
          "li", [:], escaped("\(MapAxis(rawValue: line.axis)?.text ?? line.axis): \(line.sentence)"))
      }
      let notes = sheet.notes.map { element("p", ["class": "warn"], escaped($0)) }
      return Page.origin(sheet.provenance)
        + element("p", ["class": "muted"], escaped("\(sheet.subject). \(sheet.start)"))
        + "<ul>" + lines.joined() + "</ul>" + notes.joined() + "<figure class=\"wide\">"
        + MapPicture.drawing(sheet).inline + "</figure>"
    }
  }

  private var solves: String? {
    guardMap.map { map in
      let facts = map.facts.map { fact in
        let word = element("b", ["class": fact.holds ? "good" : "bad"], fact.holds ? "holds" : "changed")
        return element("li", [:], word + " " + escaped("\(fact.claim): \(fact.measured)"))
      }
      return Page.origin(map.provenance) + "<ul>" + facts.joined() + "</ul><figure class=\"wide\">"
        + GuardPicture.drawing(map).inline
        + "</figure>"
    }
  }

  /// Folded: it is looked at where something was drawn too rarely, which its head says.
  private var coverage: String? {
    let (coverage, profile) = (night.ledger.coverage, night.total.plan.profile)
    guard coverage.cases > 0 else { return nil }
    let drawn = coverage.table.count { $0.count > 0 }
    let missed = coverage.missed(in: profile).count
    let head =
      "\(drawn) of \(coverage.table.count) labelled dangers"
      + (missed > 0 ? ", \(missed) of them too rarely" : ", none of them too rarely")
    let columns = CoveragePicture.columns(coverage, profile: profile).map {
      "<figure>" + $0.inline + "</figure>"
    }
    return Page.details(head, "<div class=\"figures\">" + columns.joined(separator: "\n") + "</div>")
  }
}
