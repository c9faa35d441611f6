import Foundation
import Oracle

/// The worst error over its bound of every implementation, run after run.
enum HistoryPicture {
  private static let width = 1096.0
  private static let (left, right) = (60.0, 1076.0)
  private static let height = 280.0

  /// Nil where there is nothing to compare with.
  static func svg(_ nights: [Nights.Night]) -> SVG? {
    guard nights.count > 1 else { return nil }
    let names = nights.last.map { $0.total.plan.implementations.filter { !$0.isControl }.map(\.name) } ?? []
    let all = names.map { name in (name, values: nights.map { Worst(of: name, $0) }) }
    let decades = decades(of: all.flatMap(\.values).compactMap(\.passing))
    var curves: [(names: [String], values: [Double?])] = []
    for (name, values) in all {
      let values = values.map { $0.value(in: decades) }
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
        points: curve.values.enumerated().compactMap { run, value in value.map { (Double(run), $0) } })
    }
    return drawing(series, nights, decades)
  }

  private static func drawing(
    _ series: [Panel.Series], _ nights: [Nights.Night], _ decades: ClosedRange<Int>
  ) -> SVG {
    let hasDays = Set(nights.map(\.day)).count == nights.count
    let panel = Panel(
      title: "",
      x: .places(nights.count, step: max(1, (nights.count + 7) / 8)) { run in
        hasDays ? nights[run].day : String(nights[run].time.dropFirst(5).dropLast(4))
      }, y: Scale.powers(decades).naming(pow(10, Double(decades.upperBound)), "fails"),
      yLabel: "worst that passes, error / bound", series: series, limits: [(1, "bound")])
    let legend = Legend(series.map { ($0.name, $0.colour) })
    var svg = SVG(width: width, height: height + 90 + legend.depth(x: left, right: right))
    svg.add(panel.elements(x: left, y: 30, width: right - left - 50, height: height))
    svg.add(legend.elements(x: left, y: height + 74, right: right))
    return svg
  }

  private static func colour(_ index: Int) -> Int { [5, 3, 1, 4, 6, 2, 7, 8, 9, 10, 0][index % SVG.colours] }

  /// All that passes, down to what is no error at all, and one more at the top for what fails.
  private static func decades(of ratios: [Double]) -> ClosedRange<Int> {
    let least = ratios.filter { $0 > 0 }.min().map { Int(log10($0).rounded(.down)) } ?? -2
    return max(-12, min(-2, least))...1
  }

  /// What one implementation came to in one run.
  private enum Worst {
    /// The largest ratio of the cases that agree.
    case passes(Double)
    case fails
    case nothing

    init(of name: String, _ night: Nights.Night) {
      guard let tally = night.ledger.tallies.first(where: { $0.implementation == name }) else {
        self = .nothing
        return
      }
      self = tally.disagrees + tally.failed > 0 ? .fails : tally.worst.map { .passes($0.ratio) } ?? .nothing
    }

    var passing: Double? { if case .passes(let ratio) = self { ratio } else { nil } }

    /// Where it stands; what is no error at all, at the bottom.
    func value(in decades: ClosedRange<Int>) -> Double? {
      switch self {
      case .passes(let ratio): max(ratio, pow(10, Double(decades.lowerBound)))
      case .fails: pow(10, Double(decades.upperBound))
      case .nothing: nil
      }
    }
  }
}
