import Oracle

/// A map in 80 columns.
enum MapTable {
  /// A sentence an axis, then the planes.
  static func lines(_ sheet: MapSheet, on console: Console) -> [String] {
    let axes = sheet.lines.map { line in
      let name = MapAxis(rawValue: line.axis)?.text ?? line.axis
      return "  \(name)\(String(repeating: " ", count: 15 - name.count))\(line.sentence)"
    }
    return [sheet.subject, sheet.start] + axes + [""]
      + sheet.planes.flatMap { lines($0, sheet, on: console) + [""] } + legend(sheet)
  }

  private static func lines(_ plane: MapPlane, _ sheet: MapSheet, on console: Console) -> [String] {
    guard let rows = MapAxis(rawValue: plane.rows), let columns = MapAxis(rawValue: plane.columns) else {
      return []
    }
    var table = Table([""] + plane.columnValues.map { columns.shortText(of: $0) + " " })
    for (value, cells) in zip(plane.rowValues, plane.cells) {
      table.add(
        [.init("  " + rows.shortText(of: value))] + cells.map { .init(text(of: $0), style(of: $0)) })
    }
    return ["\(rows.text) (down) x \(columns.text), T = \(sheet.corner.T)"] + table.lines(on: console)
  }

  private static func text(of cell: MapCell) -> String {
    switch cell.grade {
    case .agrees: (cell.error.map(oneDigit) ?? "") + " "
    case .degraded: (cell.error.map(oneDigit) ?? "") + "~"
    case .disagrees: (cell.error.map(oneDigit) ?? "") + "X"
    case .failed: "none!"
    case .refused, nil: "?"
    }
  }

  private static func style(of cell: MapCell) -> Console.Style? {
    switch cell.grade {
    case .agrees: nil
    case .degraded: .yellow
    case .disagrees, .failed: .red
    case .refused, nil: .dim
    }
  }

  private static func legend(_ sheet: MapSheet) -> [String] {
    [
      "X wrong, ~ degraded, none! no answer, ? not evaluated; all others agree.",
      "Relative error of y or the state, or of what is past its bound (Frobenius),",
      "the worst of \(sheet.cases == 1 ? "one case" : "\(sheet.cases) cases") a place. Edges are those of the places looked at.",
    ]
  }
}
