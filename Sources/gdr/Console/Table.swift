/// Rows of text in columns: the first flush left, the others flush right.
package struct Table: Sendable {
  /// One entry.
  package struct Cell: Sendable {
    let text: String
    let style: Console.Style?

    package init(_ text: String, _ style: Console.Style? = nil) { (self.text, self.style) = (text, style) }
  }

  private var rows: [[Cell]] = []

  /// A table with these column heads.
  package init(_ heads: [String]) { rows = [heads.map { Cell($0, .bold) }] }

  /// Adds a row.
  package mutating func add(_ row: [Cell]) { rows.append(row) }

  /// The lines, and on a terminal that is narrower several tables with some of the columns, the first in each.
  package func blocks(on console: Console) -> [String] {
    let widths = widths
    guard let room = console.width, let first = widths.first,
      widths.reduce(0, { $0 + $1 + 2 }) - 2 > room
    else { return lines(on: console) }
    var groups: [[Int]] = []
    var taken = Int.max
    for column in widths.indices.dropFirst() {
      let width = widths[column] + 2
      if taken > room - width {
        groups.append([])
        taken = first
      }
      groups[groups.count - 1].append(column)
      taken += width
    }
    return Array(groups.map { only($0).lines(on: console) }.joined(separator: [""]))
  }

  /// The first column and these.
  private func only(_ columns: [Int]) -> Table {
    var table = self
    table.rows = rows.map { row in ([0] + columns).filter { $0 < row.count }.map { row[$0] } }
    return table
  }

  private var widths: [Int] {
    (0..<(rows.map(\.count).max() ?? 0)).map { column in
      rows.map { column < $0.count ? $0[column].text.count : 0 }.max() ?? 0
    }
  }

  /// The lines, without space at their ends.
  package func lines(on console: Console) -> [String] {
    let widths = widths
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.text.count)
        let text = console.styled(cell.text, cell.style)
        line += column == 0 ? text + padding : "  " + padding + text
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
  }
}
