import Foundation
import Oracle

/// The worst error over its bound of every implementation, night after night.
enum HistoryPicture {
  /// Nil where there is nothing to compare with.
  static func svg(_ nights: [Nights.Night]) -> SVG? {
    guard nights.count > 1 else { return nil }
    let names = nights.last.map { $0.total.plan.implementations.filter { !$0.isControl }.map(\.name) } ?? []
    var curves: [(names: [String], values: [Double?])] = []
    for name in names {
      let values = nights.map { worst(of: name, $0) }
      // What does the same arithmetic errs by the same: one curve stands for all of them.
      if let index = curves.firstIndex(where: { $0.values == values }) {
        curves[index].names.append(name)
      } else {
        curves.append(([name], values))
      }
    }
    let series = curves.enumerated().map { index, curve in
      Panel.Series(
        name: curve.names.joined(separator: ", "), colour: colour(index),
        points: curve.values.enumerated().compactMap { day, value in value.map { (Double(day), $0) } })
    }
    let step = max(1, nights.count / 8)
    let panel = Panel(
      title: "",
      x: .linear(0...Double(nights.count - 1), steps: (nights.count - 1) / step) { value in
        nights[min(nights.count - 1, Int(value.rounded()))].day
      }, y: .powers(-2...1), yLabel: "worst error / bound", series: series, limits: [(1, "bound")])
    var svg = SVG(width: 1230, height: 385)
    svg.add(panel.elements(x: 60, y: 30, width: 1110, height: 280))
    svg.addLegend(series.map { ($0.name, $0.colour) }, x: 60, y: 366)
    return svg
  }

  private static func colour(_ index: Int) -> Int { [5, 3, 1, 4, 6, 2, 7, 8, 9][index % 9] }

  /// The largest ratio of the cases that agreed; past the bound where one did not.
  private static func worst(of name: String, _ night: Nights.Night) -> Double? {
    guard let tally = night.ledger.tallies.first(where: { $0.implementation == name }) else { return nil }
    return tally.disagrees + tally.failed > 0 ? 10 : tally.worst?.ratio
  }
}
