import Foundation
import Implementations
import Kernels

/// The sweep as a picture: error against sub-block and geometry for every solve, growth with T, and what the
/// theory says beside what was measured.
enum GuardPicture {
  private static let errors = Scale.powers(-8...16, step: 4)
  private static let subBlocks = Scale.logarithmic([4, 8, 16, 32, 64]) { "\(Int($0))" }

  /// The file's text.
  static func svg(_ cells: [GuardCell]) -> String { drawing(cells).text }

  static func drawing(_ cells: [GuardCell]) -> SVG {
    var picture = SVG(width: 80 + 232 * Double(Solve.Method.allCases.count), height: 810)
    picture.add([
      SVG.text("Which solve survives equal keys", x: 70, y: 34, style: "head"),
      SVG.text(
        "Largest error of y or state in fp32, relative; beta 0.999, no decay, T = 256, chunks of 64. A curve for every "
          + "way the keys lie to each other.", x: 70, y: 54, style: "tick"),
    ])
    for (column, method) in Solve.Method.allCases.sorted(by: order).enumerated() {
      picture.add(
        geometryPanel(cells, method, isFirst: column == 0)
          .elements(x: 70 + Double(column) * 232, y: 116, width: 205, height: 260))
    }
    picture.addLegend(GuardPoint.geometries.enumerated().map { (name($1), $0) }, x: 70, y: 440)
    let panels = [growthPanel(cells), predictionPanel(cells), backwardPanel(cells)]
    for (column, panel) in panels.enumerated() {
      picture.add(panel.elements(x: 70 + Double(column) * 395, y: 510, width: 320, height: 250))
    }
    return picture
  }

  private static func order(_ left: Solve.Method, _ right: Solve.Method) -> Bool {
    left.isDoubling && !right.isDoubling
  }

  /// For people: `cone 15°`.
  private static func name(_ keys: String) -> String {
    keys.hasPrefix("cone:") ? "cone \(keys.dropFirst(5))°" : keys
  }

  private static func geometryPanel(_ cells: [GuardCell], _ method: Solve.Method, isFirst: Bool) -> Panel {
    let series = GuardPoint.geometries.enumerated().map { index, keys in
      let own = cells.filter { $0.method == method.rawValue && $0.point == GuardPoint(keys: keys) }
      return Panel.Series(
        name: keys, colour: index,
        points: own.sorted { $0.subBlock < $1.subBlock }.compactMap { cell in
          cell.error.map { (Double(cell.subBlock), $0) }
        })
    }
    return Panel(
      title: method.text, x: subBlocks, y: errors, xLabel: "rows of a sub-block",
      yLabel: isFirst ? "error" : nil,
      series: series, limits: [(0x1p-8, isFirst ? "bf16's roundoff" : "")])
  }

  private static func growthPanel(_ cells: [GuardCell]) -> Panel {
    let series = [4, 8, 16, 20, 24, 32].enumerated().map { index, subBlock in
      Panel.Series(
        name: "\(subBlock)", colour: [9, 5, 4, 3, 1, 0][index],
        points: GuardPoint.lengths.compactMap { T in
          cells.first { $0.isOf(Solve(.doubling, subBlock: subBlock)) && $0.point == GuardPoint(T: T) }?.error
            .map { (Double(T), $0) }
        }, isLabelled: true)
    }
    return Panel(
      title: "doubling, equal keys: growth with T, by sub-block",
      x: .logarithmic([64, 128, 256, 1024, 4096]) { "\(Int($0))" }, y: errors, xLabel: "tokens T",
      yLabel: "error",
      series: series)
  }

  private static func predictionPanel(_ cells: [GuardCell]) -> Panel {
    let series = GuardSweep.subBlocks.enumerated().map { index, subBlock in
      Panel.Series(
        name: "sub-block \(subBlock)", colour: [9, 5, 4, 3, 2, 1, 0][index],
        points: thinned(cells.filter { $0.isOf(Solve(.doubling, subBlock: subBlock)) }).map {
          ($0.solve.predicted, $0.solve.error)
        }, isLine: false)
    }
    let diagonal = Panel.Series(name: "", colour: 8, points: [(1e-8, 1e-8), (1e16, 1e16)], isDashed: true)
    return Panel(
      title: "the worst step of doubling explains the error", x: .powers(-8...16, step: 4), y: errors,
      xLabel: "predicted u max(|P||x|), relative to the solution", yLabel: "error of the solve alone",
      series: [diagonal] + series, namesSeries: true)
  }

  /// Enough points for a cloud.
  private static func thinned(_ cells: [GuardCell]) -> [GuardCell] {
    let step = max(1, cells.count / 60)
    return cells.enumerated().filter { $0.offset % step == 0 }.map(\.element)
  }

  private static func backwardPanel(_ cells: [GuardCell]) -> Panel {
    let series = Solve.Method.allCases.enumerated().map { index, method in
      Panel.Series(
        name: method.text, colour: [5, 0, 1, 2, 3, 6][index],
        points: GuardSweep.subBlocks.compactMap { subBlock in
          cells.first { $0.isOf(Solve(method, subBlock: subBlock)) && $0.point == GuardPoint() }.map {
            (Double(subBlock), $0.solve.backwardError)
          }
        })
    }
    return Panel(
      title: "backward error in units of u, equal keys", x: subBlocks, y: .powers(-2...14, step: 4),
      xLabel: "rows of a sub-block", yLabel: "error / u",
      series: series, namesSeries: true, limits: [(128, "2 C u")])
  }
}
