/// Names with the marks that stand for them, one after the other in as many rows as it takes.
struct Legend {
  /// What stands for a name in the picture.
  enum Mark {
    /// A curve, or a cloud.
    case series(Int)
    /// A broken curve.
    case dashed(Int)
    /// The line of a limit.
    case limit
  }

  private var entries: [(name: String, mark: Mark)]
  private static let row = 18.0

  init(_ entries: [(name: String, mark: Mark)]) { self.entries = entries }

  /// Of series, by their colours.
  init(_ names: [(name: String, colour: Int)]) { entries = names.map { ($0.name, .series($0.colour)) } }

  /// Its elements from this place on, in rows that end before `right`.
  func elements(x left: Double, y: Double, right: Double) -> [String] {
    zip(entries, places(left, right)).flatMap { entry, place -> [String] in
      let (x, y) = (place.x, y + place.y)
      let ends = [(x: x, y: y - 4), (x: x + 18, y: y - 4)]
      let mark =
        switch entry.mark {
        case .series(let colour):
          [SVG.path(ends, colour: colour), SVG.dot(x + 9, y - 4, colour: colour)]
        case .dashed(let colour): [SVG.path(ends, colour: colour, isDashed: true)]
        case .limit: [SVG.line(x, y - 4, x + 18, y - 4, style: "limit")]
        }
      return mark + [SVG.text(entry.name, x: x + 24, y: y, style: "tick")]
    }
  }

  /// How far under its first row the last one stands.
  func depth(x left: Double, right: Double) -> Double { places(left, right).last?.y ?? 0 }

  private func places(_ left: Double, _ right: Double) -> [(x: Double, y: Double)] {
    var (x, y) = (left, 0.0)
    return entries.map { entry in
      let width = 24 + SVG.textWidth(entry.name)
      if x > left, !(x + width <= right) { (x, y) = (left, y + Legend.row) }
      defer { x += width + 20 }
      return (x, y)
    }
  }
}
