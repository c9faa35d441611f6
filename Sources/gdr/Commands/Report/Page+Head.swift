import Foundation
import Machine
import Oracle

extension Page {
  /// The verdict in a few words: for the title, and beside the heading.
  var verdict: String {
    let problems: [(count: Int, one: String, several: String)] = [
      (night.findings.count, "finding", "findings"),
      (night.changed.count, "changed case", "changed cases"),
      (night.ledger.unreproduced.count, "not reproduced", "not reproduced"),
      (night.escaped.count, "control not caught", "controls not caught"),
    ]
    let clauses = problems.filter { $0.count > 0 }.map { counted($0.count, $0.one, plural: $0.several) }
    return clauses.isEmpty ? "no findings" : clauses.joined(separator: ", ")
  }

  var head: String {
    let plan = night.total.plan
    let missing = night.record.missingText.map { "not complete: \($0) missing" } ?? ""
    let tiles = [
      ("cases", grouped(night.ledger.cases)),
      ("cases a second", Report.number(night.seconds > 0 ? Double(night.ledger.cases) / night.seconds : 0)),
      ("seed", "\(plan.seed)"), ("size", plan.size),
      ("shards", "\(night.record.parts.count) of \(night.record.plan.shards)"),
      ("time of all shards", Page.span(night.seconds)),
      ("saved cases as recorded", "\(night.total.corpus.count { $0.outcome == .same })"),
      ("controls caught", "\(night.ledger.caught.count)"),
    ]
    let isGood = verdict == "no findings"
    return "<header>\n" + element("h1", [:], "gdr, " + escaped(night.time))
      + element("p", ["class": isGood ? "chip good" : "chip bad"], escaped(verdict)) + origins + "\n<dl>"
      + tiles.map {
        "<div>" + element("dt", [:], escaped($0.0)) + element("dd", [:], escaped($0.1)) + "</div>"
      }.joined()
      + "</dl>" + (missing.isEmpty ? "" : element("p", ["class": "warn"], escaped(missing)))
      + "\n</header>"
  }

  /// Which program ran what, and where.
  private var origins: String {
    let all = night.provenances
    let shown = all.prefix(Page.mostOrigins).map { Page.origin($0) }.joined()
    guard !all.isEmpty else {
      return element(
        "p", ["class": "origin muted"],
        "The record does not say which version, command line and machine it is of.")
    }
    let rest = all.count - Page.mostOrigins
    return shown
      + (rest > 0 ? element("p", ["class": "origin muted"], "and \(counted(rest, "other")) like these") : "")
  }

  /// A run on many machines has many.
  private static let mostOrigins = 4

  /// The program, the command line and the machine; nothing where it was not written down.
  static func origin(_ provenance: Provenance?) -> String {
    guard let provenance else { return "" }
    return element("pre", ["class": "origin"], escaped(provenance.command))
      + element(
        "p", ["class": "origin muted"],
        escaped("\(provenance.lines[0]), on \(provenance.machine)"))
  }

  /// `25 s`, `12 min`, `7.9 h`.
  static func span(_ seconds: Double) -> String {
    switch seconds {
    case ..<90: "\(Int(seconds.rounded())) s"
    case ..<5400: "\(Int((seconds / 60).rounded())) min"
    default: String(format: "%.1f h", seconds / 3600)
    }
  }
}
