/// A table of coloured cells with a text in each, so that the colour alone says nothing.
struct HeatMap {
  /// What a cell is shown as.
  enum Shade {
    case good, doubtful, bad
    /// Nothing is known of it: no colour.
    case unknown
  }

  /// One place.
  struct Cell {
    var text: String
    var shade: Shade
  }

  /// Above it.
  var title = ""
  /// Under the columns, and above the names of the rows.
  var xLabel = "", yLabel = ""
  /// Their names, from the left and from the top.
  var columns: [String], rows: [String]
  /// Row by row; nil where there is none.
  var cells: [[Cell?]]
}

extension HeatMap {
  /// Its elements, the first cell at this place.
  func elements(x left: Double, y top: Double, cellWidth: Double, cellHeight: Double) -> [String] {
    var elements: [String] = []
    if !title.isEmpty { elements.append(SVG.text(title, x: left, y: top - 26, style: "title")) }
    if !yLabel.isEmpty {
      elements.append(SVG.text(yLabel, x: left - 8, y: top - 8, style: "tick", anchor: "end"))
    }
    for (row, name) in rows.enumerated() {
      let y = top + Double(row) * cellHeight
      elements.append(
        SVG.text(name, x: left - 8, y: y + cellHeight / 2 + 4, style: "tick", anchor: "end"))
      for (column, cell) in cells[row].enumerated() {
        guard let cell else { continue }
        let x = left + Double(column) * cellWidth
        elements.append(
          SVG.bar(
            x: x + 1, y: y + 1, width: cellWidth - 2, height: cellHeight - 2, style: cell.shade.style))
        elements.append(
          SVG.text(
            cell.text, x: x + cellWidth / 2, y: y + cellHeight / 2 + 4, style: "cell", anchor: "middle"))
      }
    }
    let bottom = top + Double(rows.count) * cellHeight
    for (column, name) in columns.enumerated() {
      elements.append(
        SVG.text(
          name, x: left + (Double(column) + 0.5) * cellWidth, y: bottom + 16, style: "tick", anchor: "middle")
      )
    }
    guard !xLabel.isEmpty else { return elements }
    elements.append(
      SVG.text(
        xLabel, x: left + Double(columns.count) * cellWidth / 2, y: bottom + 34, style: "tick",
        anchor: "middle"))
    return elements
  }
}

extension HeatMap.Shade {
  /// The class of its rectangle.
  var style: String {
    switch self {
    case .good: "area area3"
    case .doubtful: "area area2 half"
    case .bad: "area area0 half"
    case .unknown: "blank"
    }
  }
}
