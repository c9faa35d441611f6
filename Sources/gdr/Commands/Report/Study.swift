import Foundation
import GatedDeltaRule
import Machine
import Oracle

/// How near their bounds honest implementations come over many cases: a table in Markdown and a picture.
struct Study {
  let record: Record
  private let tallies: [Tally]

  init(_ record: Record) {
    self.record = record
    tallies = record.total.ledger.tallies.filter { !$0.isControl && !$0.ratios.isEmpty }
  }

  /// Cases and false alarms of every implementation, then error over bound by result.
  var table: String {
    (verdicts + [""] + distributions).joined(separator: "\n") + "\n"
  }

  private var verdicts: [String] {
    let cases = record.total.ledger.cases
    let rows = tallies.map { tally in
      let worst = tally.worst.map {
        "\(Report.number($0.ratio)) (`\($0.quantity.rawValue)`, case \($0.index))"
      }
      return [
        "`\(tally.implementation)`", "\(tally.evaluated)", "\(tally.refused)", "\(tally.degraded)",
        "\(tally.disagrees + tally.failed)", worst ?? "",
      ]
    }
    return ["\(counted(cases, "case")), seed \(record.plan.seed)", ""]
      + Study.markdown(
        [
          "implementation", "evaluated", "refused", "degraded", "fails",
          "worst that passes, error over its bound",
        ], rows)
  }

  private var distributions: [String] {
    let rows = Quantity.allCases.compactMap { quantity -> [String]? in
      let histograms = tallies.map { $0.ratios[quantity.rawValue] }
      guard histograms.contains(where: { $0 != nil }) else { return nil }
      return ["`\(quantity.rawValue)`"] + histograms.map { $0.map(Study.shares) ?? "" }
    }
    return Study.markdown(
      ["half, 99 %, 99.99 %, all below"] + tallies.map { "`\($0.implementation)`" }, rows)
  }

  private static func shares(_ histogram: Histogram) -> String {
    [0.5, 0.99, 0.9999, 1].map { Report.number(histogram.border(ofShare: $0)) }.joined(separator: ", ")
  }

  private static func markdown(_ heads: [String], _ rows: [[String]]) -> [String] {
    ([heads, heads.map { _ in "---" }] + rows).map { row in
      "| " + row.map { shownText($0).replacingOccurrences(of: "|", with: "\\|") }.joined(separator: " | ")
        + " |"
    }
  }

  /// The distributions side by side, two in a row.
  var picture: SVG {
    let drawings = tallies.compactMap { tally in
      DistributionPicture.svg(tally).map { (tally.implementation, $0) }
    }
    let cell = (
      width: (drawings.map(\.1.width).max() ?? 0) + 30, height: (drawings.map(\.1.height).max() ?? 0) + 40
    )
    let columns = min(2, max(1, drawings.count))
    let rows = (drawings.count + columns - 1) / columns
    var svg = SVG(width: cell.width * Double(columns) + 20, height: cell.height * Double(rows) + 64)
    svg.add([
      SVG.text("How near its bound each result comes", x: 24, y: 32, style: "head"),
      SVG.text(
        "error over bound, \(counted(record.total.ledger.cases, "case")), seed \(record.plan.seed); "
          + "left bar: no error at all",
        x: 24, y: 52, style: "tick"),
    ])
    for (index, (name, drawing)) in drawings.enumerated() {
      let x = 20 + cell.width * Double(index % columns)
      let y = 88 + cell.height * Double(index / columns)
      svg.add([SVG.text(name, x: x + 4, y: y - 4, style: "title")])
      svg.add(drawing.elements(x: x, y: y))
    }
    return svg
  }
}
