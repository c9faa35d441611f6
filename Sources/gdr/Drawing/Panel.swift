/// One coordinate system and what is drawn in it.
struct Panel {
  /// One curve or one cloud.
  struct Series {
    /// For the legend.
    var name: String
    /// Which of the picture's colours.
    var colour: Int
    /// In the units of the axes, in order.
    var points: [(x: Double, y: Double)]
    /// Whether the points are joined.
    var isLine = true
    /// Whether the line is broken, for what is expected rather than measured.
    var isDashed = false
    /// Whether the name stands at the last point.
    var isLabelled = false
  }

  /// Above the axes.
  var title: String
  /// Horizontal and vertical.
  var x, y: Scale
  /// Under the horizontal axis.
  var xLabel = ""
  /// Along the vertical axis; without one its numbers are left out too.
  var yLabel: String?
  /// What is drawn, first at the bottom.
  var series: [Series]
  /// Whether the names of the series stand inside, one under the other.
  var namesSeries = false
  /// Horizontal lines with their meaning.
  var limits: [(value: Double, label: String)] = []
}

extension Panel.Series {
  /// Whether it has dots on a line.
  fileprivate var isMeasuredLine: Bool { isLine && !isDashed }

  fileprivate func elements(
    _ runs: [(points: [(x: Double, y: Double)], share: Strands.Share)],
    _ dots: [(x: Double, y: Double, share: Strands.Share)]
  ) -> [String] {
    runs.map { SVG.path($0.points, colour: colour, in: $0.share) }
      + dots.map { SVG.dot($0.x, $0.y, colour: colour, radius: $0.share.radius) }
  }
}

extension Panel {
  /// The elements of the panel, its axes in this rectangle.
  func elements(x left: Double, y top: Double, width: Double, height: Double) -> [String] {
    func px(_ value: Double) -> Double { left + x.position(value) * width }
    func py(_ value: Double) -> Double { top + (1 - y.position(value)) * height }
    var elements = [SVG.text(title, x: left, y: top - 26, style: "title")]
    for tick in y.ticks {
      elements.append(SVG.line(left, py(tick.value), left + width, py(tick.value), style: "grid"))
      guard yLabel != nil else { continue }
      elements.append(SVG.text(tick.label, x: left - 6, y: py(tick.value) + 4, style: "tick", anchor: "end"))
    }
    var end = -Double.infinity
    for tick in x.ticks {
      let (place, half) = (px(tick.value), SVG.textWidth(tick.label) / 2)
      elements.append(SVG.line(place, top, place, top + height, style: "grid"))
      // A label that would touch the one before it is left out.
      guard place - half > end + 4 else { continue }
      end = place + half
      elements.append(SVG.text(tick.label, x: place, y: top + height + 16, style: "tick", anchor: "middle"))
    }
    elements.append(
      SVG.text(xLabel, x: left + width / 2, y: top + height + 34, style: "tick", anchor: "middle"))
    if let yLabel { elements.append(SVG.text(yLabel, x: left - 40, y: top - 10, style: "tick")) }
    for limit in limits {
      elements.append(SVG.line(left, py(limit.value), left + width, py(limit.value), style: "limit"))
      elements.append(
        SVG.text(limit.label, x: left + 5, y: py(limit.value) - 5, style: "note"))
    }
    if namesSeries {
      for (row, one) in series.filter({ !$0.name.isEmpty }).enumerated() {
        elements.append(
          SVG.text(one.name, x: left + 10, y: top + 18 + 15 * Double(row), style: "ink\(one.colour)"))
      }
    }
    let places = series.map { one in one.points.map { (x: px($0.x), y: py($0.y)) } }
    let strands = Strands(zip(series, places).map { $0.isMeasuredLine ? $1 : [] })
    for (number, one) in series.enumerated() {
      if one.isMeasuredLine {
        elements += one.elements(strands.runs(of: number), strands.dots(of: number))
      } else if one.isDashed {
        elements.append(SVG.path(places[number], colour: one.colour, isDashed: true))
      } else {
        elements += places[number].map { SVG.dot($0.x, $0.y, colour: one.colour) }
      }
    }
    let labelled = series.filter { $0.isLabelled && !$0.points.isEmpty }
    let heights = Panel.apart(labelled.map { py($0.points[$0.points.count - 1].y) + 4 }, by: 13)
    for (one, height) in zip(labelled, heights) {
      let end = px(one.points[one.points.count - 1].x)
      elements.append(SVG.text(one.name, x: end + 6, y: height, style: "ink\(one.colour)"))
    }
    return elements
  }

  /// The places moved as far as it takes for no two of them to be nearer to each other than this.
  private static func apart(_ places: [Double], by distance: Double) -> [Double] {
    let order = places.indices.sorted { places[$0] > places[$1] }
    var moved = places
    for (below, above) in zip(order, order.dropFirst()) {
      moved[above] = min(moved[above], moved[below] - distance)
    }
    return moved
  }
}
