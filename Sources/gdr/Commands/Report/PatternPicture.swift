import GatedDeltaRule
import Oracle

/// Which elements of a finding were off, as it was met: a row of squares a head, from the first token to the last.
enum PatternPicture {
  private static let cell = 9.0, left = 120.0, colour = 0

  /// A figure for each result that is wrong somewhere and right elsewhere; empty where there is none.
  static func html(_ pattern: ErrorPattern) -> String {
    let figures = pattern.parts.compactMap { part in
      part.strip.flatMap { strip in svg(strip).map { (part.quantity.rawValue, strip, $0) } }
    }
    return figures.prefix(3).map { name, strip, svg in
      let scale = strip.tokens > 1 ? ", \(strip.tokens) to a square" : ""
      return "<figure><figcaption>" + escaped("\(name), tokens from left to right\(scale): where it is wrong")
        + "</figcaption>" + svg.inline + "</figure>"
    }.joined()
  }

  /// Whether a line of an explanation is no part of a strip, which is drawn.
  static func saysMore(_ line: String) -> Bool {
    !line.hasPrefix("  ") && !line.contains("tokens from left to right")
  }

  /// Nil where all of it is wrong, which needs no picture.
  static func svg(_ strip: Strip) -> SVG? {
    guard strip.lines.contains(where: { $0.contains(".") }) else { return nil }
    let columns = strip.lines.map(\.count).max() ?? 0
    var picture = SVG(
      width: left + cell * Double(columns) + 8, height: 8 + (cell + 4) * Double(strip.lines.count))
    for (row, line) in strip.lines.enumerated() {
      let y = 4 + (cell + 4) * Double(row)
      picture.add([SVG.text(strip.names[row], x: 0, y: y + cell, style: "tick")])
      picture.add(
        line.enumerated().filter { $0.element != "-" }.map { column, mark in
          let x = left + cell * Double(column)
          let style = mark == "X" ? "area\(colour)" : "grid"
          return
            "<rect class=\"\(style)\" fill-opacity=\"\(mark == "X" ? 1 : 0)\" x=\"\(SVG.number(x))\" "
            + "y=\"\(SVG.number(y))\" width=\"\(SVG.number(cell - 1))\" height=\"\(SVG.number(cell - 1))\"/>"
        })
    }
    return picture
  }
}
