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

  /// The lines, without space at their ends.
  package func lines(on console: Console) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].text.count : 0 }.max() ?? 0
    }
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
