import GatedDeltaRule

extension Report {
  /// A row for each implementation under test: its verdict, how many cases it passes and how closely, and what else
  /// became of its cases. Columns in which only zeros would stand are left out; where the rows are wider than `width`,
  /// each implementation has a sentence.
  static func verdicts(_ summary: Campaign.Summary, width: Int) -> [String] {
    let (tallies, escaped) = (summary.tallies, summary.escaped)
    let convicted = summary.convicted.map(\.finding.implementation)
    guard !tallies.isEmpty else { return ["no case was evaluated"] }
    func column(_ head: String, _ cell: (Tally) -> String) -> Column { Column([head] + tallies.map(cell)) }
    func counts(_ head: String, _ count: (Tally) -> Int) -> [Column] {
      tallies.contains { count($0) > 0 }
        ? [Column([head] + tallies.map { "\(count($0))" }, isNumeric: true)] : []
    }
    let columns =
      [
        column("", \.implementation),
        column("verdict") {
          verdict(
            $0, isCaught: !escaped.contains($0.implementation),
            isConvicted: convicted.contains($0.implementation))
        },
      ] + counts("passes", \.agrees)
      + [column("worst that passes") { $0.worst.map { "\(number($0.ratio)) \($0.quantity.rawValue)" } ?? "" }]
      + counts("degraded", \.degraded) + counts("fails", \.disagrees) + counts("no answer", \.failed)
      + counts("refused", \.refused)
    let worst = tallies.compactMap { tally in tally.worstDegraded.map { (tally.implementation, $0.error) } }
      .max { $0.1 < $1.1 }
    let rows = aligned(columns)
    return (rows.allSatisfy { $0.count <= width } ? rows : sentences(columns))
      + ["worst that passes: the largest error over its bound of the cases that pass; 1 is the bound"]
      + tallies.compactMap(plain) + tallies.flatMap(uninformative)
      + (worst.map { ["degraded: relative error at most \(number($1)) (Frobenius norm), of \($0)"] } ?? [])
  }

  /// How one stands under the plain law that declares another.
  private static func plain(_ tally: Tally) -> String? {
    tally.plain.map {
      "\(tally.implementation) under the plain law (fp32 throughout): \($0.fails) of \($0.cases) fail, "
        + "worst of all \(number($0.worst)) times the bound"
    }
  }

  /// Of what its passing says little.
  private static func uninformative(_ tally: Tally) -> [String] {
    let shares = tally.uninformativeShares.map { "\($0.quantity.rawValue) in \($0.count) of \($0.of)" }
    guard !shares.isEmpty else { return [] }
    return [
      "\(tally.implementation), not informative: an error of more than 1% of the result would have passed, by case:"
    ] + shares.wrapped(to: 78)
  }

  private static func verdict(_ tally: Tally, isCaught: Bool, isConvicted: Bool) -> String {
    if tally.isControl { return isCaught ? "control, caught" : "control, NOT CAUGHT" }
    if tally.disagrees + tally.failed > 0 || isConvicted { return "FAILS" }
    if tally.degraded > 0 { return "degraded" }
    return tally.agrees > 0 ? "passes" : "refuses all"
  }

  /// One column of a table: its head, then its cells.
  private struct Column {
    let cells: [String]
    let isNumeric: Bool

    init(_ cells: [String], isNumeric: Bool = false) { (self.cells, self.isNumeric) = (cells, isNumeric) }
  }

  /// Texts flush left, numbers flush right, two spaces before each.
  private static func aligned(_ columns: [Column]) -> [String] {
    let widths = columns.map { $0.cells.map(\.count).max() ?? 0 }
    return (columns.first?.cells ?? []).indices.map { row in
      var line = ""
      for (column, width) in zip(columns, widths) {
        let padding = String(repeating: " ", count: width - column.cells[row].count)
        line += "  " + (column.isNumeric ? padding + column.cells[row] : column.cells[row] + padding)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// The same as a sentence for each implementation, which may be broken between words.
  private static func sentences(_ columns: [Column]) -> [String] {
    (columns.first?.cells ?? []).indices.dropFirst().map { row in
      let numbers = columns.dropFirst(2).filter { !["", "0"].contains($0.cells[row]) }
        .map { "\($0.cells[0]) \($0.cells[row])" }
      return "\(columns[0].cells[row]): \(columns[1].cells[row]); \(numbers.joined(separator: ", "))"
    }
  }

  /// Why cases were refused.
  static func refusals(_ tallies: [Tally]) -> [String] {
    tallies.flatMap { tally in
      tally.refusals.sorted { $0.key < $1.key }.map { reason, count in
        "\(tally.implementation) refused \(count): \(reason)"
      }
        + (tally.otherRefusals > 0
          ? ["\(tally.implementation) refused \(tally.otherRefusals) for other reasons"] : [])
    }
  }
}
