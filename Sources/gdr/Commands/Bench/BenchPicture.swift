import Foundation

/// Cost and memory against T, both axes logarithmic.
enum BenchPicture {
  static func svg(_ series: [BenchSeries]) -> String {
    var picture = SVG(width: 1000, height: 480)
    let names = series.first?.results.map(\.implementation) ?? []
    picture.add([
      SVG.text("What a layer costs", x: 70, y: 34, style: "head"),
      SVG.text(series.first?.family ?? "", x: 70, y: 54, style: "tick"),
    ])
    let panels = [
      panel("seconds, median", series, names) { $0.median },
      panel("working memory, bytes", series, names) { $0.peakBytes.map(Double.init) },
    ]
    for (column, panel) in panels.enumerated() {
      picture.add(panel.elements(x: 70 + Double(column) * 460, y: 116, width: 380, height: 270))
    }
    picture.addLegend(names.enumerated().map { ($1, $0) }, x: 70, y: 456)
    return picture.text
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
      title: title, x: .logarithmic(lengths) { "\(Int($0))" },
      y: .powers(decades(of: series.flatMap(\.results).compactMap(value))), xLabel: "tokens T",
      yLabel: "",
      series: names.enumerated().map { index, name in
        Panel.Series(
          name: name, colour: index,
          points: series.compactMap { one in
            one.results.first { $0.implementation == name }.flatMap(value).map { (Double(one.T), $0) }
          })
      })
  }
}
