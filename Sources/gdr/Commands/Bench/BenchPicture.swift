import Foundation

/// Cost and memory against T, both axes logarithmic: two panels for every format of the inputs.
enum BenchPicture {
  private static let width = 1000.0
  private static let row = 390.0

  static func drawing(_ series: [BenchSeries]) -> SVG {
    var names: [String] = []
    var families: [String] = []
    for one in series {
      if !families.contains(one.family) { families.append(one.family) }
      for result in one.results where !names.contains(result.implementation) {
        names.append(result.implementation)
      }
    }
    let legend = Legend(names.enumerated().map { ($1, $0) })
    let top = 66 + legend.depth(x: 70, right: width - 20)
    var picture = SVG(width: width, height: top + row * Double(families.count) + 10)
    picture.add([SVG.text("What a layer costs", x: 70, y: 34, style: "head")])
    picture.add(legend.elements(x: 70, y: 62, right: width - 20))
    for (number, family) in families.enumerated() {
      let own = series.filter { $0.family == family }
      let y = top + row * Double(number)
      picture.add([SVG.text(family, x: 70, y: y + 22, style: "plain")])
      let panels = [
        panel("seconds, median", own, names) { $0.median },
        panel("working memory, bytes", own, names) { $0.peakBytes.map(Double.init) },
      ]
      for (column, panel) in panels.enumerated() {
        picture.add(panel.elements(x: 70 + Double(column) * 460, y: y + 80, width: 380, height: 260))
      }
    }
    return picture
  }

  /// The powers of ten around all of them.
  private static func decades(of values: [Double]) -> ClosedRange<Int> {
    let exponents = values.filter { $0 > 0 }.map { log10($0) }
    let low = Int((exponents.min() ?? 0).rounded(.down))
    return low...max(low + 1, Int((exponents.max() ?? 1).rounded(.up)))
  }

  private static func panel(
    _ title: String, _ series: [BenchSeries], _ names: [String], _ value: (BenchResult) -> Double?
  ) -> Panel {
    let lengths = Set(series.map(\.T)).sorted().map(Double.init)
    return Panel(
      title: title, x: .logarithmic(lengths) { grouped(Int($0)) },
      y: .powers(decades(of: series.flatMap(\.results).compactMap(value))), xLabel: "tokens T",
      yLabel: "",
      series: names.enumerated().map { index, name in
        Panel.Series(
          name: name, colour: index,
          points: series.sorted { $0.T < $1.T }.compactMap { one in
            one.results.first { $0.implementation == name }.flatMap(value).map { (Double(one.T), $0) }
          })
      }.filter { !$0.points.isEmpty })
  }
}
