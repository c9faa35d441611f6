import Oracle

/// A map as a picture: a strip for each axis with what it says, and a plane for each two.
enum MapPicture {
  private static let margin = 120.0

  static func drawing(_ sheet: MapSheet) -> SVG {
    let strips = Double(sheet.lines.count)
    let rows = sheet.planes.map(\.rowValues.count).max() ?? 0
    let top = 182 + strips * 72
    var picture = SVG(width: 1096, height: top + (rows > 0 ? Double(rows) * 30 + 64 : 0))
    picture.add([
      SVG.text("Where \(sheet.implementation) is safe", x: 40, y: 34, style: "head"),
      SVG.text(sheet.subject + ".", x: 40, y: 54, style: "tick"),
      SVG.text(
        "In each cell the relative error of y or the state, or of what is past its bound (Frobenius).",
        x: 40, y: 70, style: "tick"),
    ])
    picture.add(legend(y: 84))
    if let note = sheet.notes.first {
      picture.add([SVG.text(String(note.prefix(150)), x: 40, y: 122, style: "tick")])
    }
    picture.add([SVG.text(sheet.start, x: 40, y: 148, style: "title")])
    for (n, line) in sheet.lines.enumerated() {
      picture.add(strip(line, y: 182 + Double(n) * 72))
    }
    for (n, plane) in sheet.planes.enumerated() {
      guard let map = heatMap(plane, sheet) else { continue }
      picture.add(
        map.elements(
          x: margin + Double(n) * 530, y: top + 20, cellWidth: 400 / Double(max(plane.columnValues.count, 1)),
          cellHeight: 30))
    }
    return picture
  }

  private static func legend(y: Double) -> [String] {
    let shades: [(String, HeatMap.Shade)] = [
      ("agrees", .good), ("degraded", .doubtful), ("wrong, or no answer", .bad), ("not evaluated", .unknown),
    ]
    return zip(shades, [40.0, 140, 250, 430]).flatMap { shade, x in
      [
        SVG.bar(x: x, y: y, width: 24, height: 16, style: shade.1.style),
        SVG.text(shade.0, x: x + 32, y: y + 12, style: "tick"),
      ]
    }
  }

  private static func strip(_ line: MapLine, y: Double) -> [String] {
    guard let axis = MapAxis(rawValue: line.axis) else { return [] }
    let map = HeatMap(
      columns: line.cells.map { axis.shortText(of: axis.value(of: $0.place)) },
      rows: [axis.text], cells: [line.cells.map(cell)])
    let width = min(48, 950 / Double(max(line.cells.count, 1)))
    return map.elements(x: margin, y: y, cellWidth: width, cellHeight: 26)
      + [SVG.text(line.sentence, x: margin, y: y - 7, style: "plain")]
  }

  private static func heatMap(_ plane: MapPlane, _ sheet: MapSheet) -> HeatMap? {
    guard let rows = MapAxis(rawValue: plane.rows), let columns = MapAxis(rawValue: plane.columns) else {
      return nil
    }
    return HeatMap(
      title: "\(rows.text) x \(columns.text), T = \(sheet.corner.T)", xLabel: columns.text, yLabel: rows.text,
      columns: plane.columnValues.map { columns.shortText(of: $0) },
      rows: plane.rowValues.map { rows.shortText(of: $0) }, cells: plane.cells.map { $0.map(cell) })
  }

  private static func cell(_ cell: MapCell) -> HeatMap.Cell {
    switch cell.grade {
    case .agrees: HeatMap.Cell(text: cell.error.map(oneDigit) ?? "", shade: .good)
    case .degraded: HeatMap.Cell(text: cell.error.map(oneDigit) ?? "", shade: .doubtful)
    case .disagrees: HeatMap.Cell(text: cell.error.map(oneDigit) ?? "", shade: .bad)
    case .failed: HeatMap.Cell(text: "none", shade: .bad)
    case .refused, nil: HeatMap.Cell(text: "?", shade: .unknown)
    }
  }
}
