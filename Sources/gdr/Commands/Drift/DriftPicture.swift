import Foundation
import Oracle

/// The drift as a picture: a panel for every setting and length of a call, errors as lines, what they may be dashed.
enum DriftPicture {
  private static let errors = Scale.powers(-8...2, step: 2)
  private static let colours = [5, 3, 0, 1, 6, 7, 2]
  /// Bound and twins.
  private static let (ofBound, ofTwins) = (9, 8)

  /// The picture.
  static func drawing(_ results: [DriftResult], _ settings: [DriftSetting], tokens: Int) -> SVG {
    let calls = Array(Set(results.map(\.course.call))).sorted()
    let names = results.map(\.implementation).reduce(into: [String]()) { names, name in
      if !names.contains(name) { names.append(name) }
    }
    let width = max(110 + 290 * Double(settings.count), 480)
    var picture = SVG(width: width, height: 150 + 300 * Double(calls.count))
    picture.add([
      SVG.text("How far the state drifts", x: 70, y: 34, style: "head"),
      SVG.text(
        "Relative error of the state (Frobenius) after so many tokens. Dashed: the bound of the first implementation. "
          + "Grey: its twins.", x: 70, y: 54, style: "tick"),
    ])
    let legend = Legend(names.enumerated().map { ($1, colours[$0 % colours.count]) })
    picture.add(legend.elements(x: 70, y: 78, right: width - 20))
    for (row, call) in calls.enumerated() {
      for (column, setting) in settings.enumerated() {
        let own = results.filter { $0.decay == setting.name && $0.course.call == call }
        picture.add(
          panel(
            own, names, "\(setting.title), \(call == 1 ? "token by token" : "calls of \(call)")", tokens,
            isFirst: column == 0
          ).elements(
            x: 70 + Double(column) * 290, y: 140 + Double(row) * 300, width: 240, height: 200))
      }
    }
    return picture
  }

  private static func panel(
    _ results: [DriftResult], _ names: [String], _ title: String, _ tokens: Int, isFirst: Bool
  ) -> Panel {
    func series(
      _ points: [DriftPoint], _ colour: Int, isDashed: Bool = false, _ value: (DriftPoint) -> Double?
    )
      -> Panel.Series
    {
      Panel.Series(
        name: "", colour: colour,
        points: points.compactMap { point in value(point).map { (Double(point.tokens), $0) } },
        isDashed: isDashed)
    }
    let first = results.first?.course.points ?? []
    let yardsticks = [
      series(first, ofBound, isDashed: true) { $0.bound }, series(first, ofTwins) { $0.twin },
    ].filter { !$0.points.isEmpty }
    let errors = results.map { result in
      let place = names.firstIndex(of: result.implementation) ?? 0
      return series(result.course.points, colours[place % colours.count]) { $0.error }
    }
    let ticks = [1, 16, 256, 4096, 65536].map(Double.init).filter { $0 <= max(Double(tokens), 16) }
    return Panel(
      title: title, x: .logarithmic(ticks) { grouped(Int($0)) }, y: DriftPicture.errors, xLabel: "tokens",
      yLabel: isFirst ? "error" : nil, series: yardsticks + errors.filter { !$0.points.isEmpty })
  }
}
