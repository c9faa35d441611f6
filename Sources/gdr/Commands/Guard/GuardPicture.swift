import Foundation
import GatedDeltaRule
import Implementations
import Inversion
import Kernels
import Oracle

/// What the guard found as a picture: the bare solve in every way and format, a panel a way; under that what it means to
/// the layer, and what the theory says beside what was measured. What was not run has no panel.
enum GuardPicture {
  private static let margin = 62.0
  private static let width = 1096.0
  /// The same colour for the same rows of a sub-block in every panel, and none of those of the formats.
  private static let colours = [4: 9, 8: 4, 16: 6, 20: 10, 24: 2, 32: 0, 64: 8]

  static func drawing(_ map: GuardMap) -> SVG {
    let ways = map.inversions.map(InversionPanels.init)
    let layers = [growthPanel(map.cells), predictionPanel(map.cells)].compactMap(\.self)
    let keys = keysMap(map.cells)
    let top = 84 + (ways?.height ?? 0)
    let hasLayers = !layers.isEmpty || keys != nil
    var picture = SVG(width: width, height: top + (hasLayers ? 470 : 0))
    picture.add([
      SVG.text("Which solve of (I - A) X = R is safe", x: margin, y: 34, style: "head"),
      SVG.text(
        "Largest error of X over its largest element, at all keys, decays and chunks, by rows of a sub-block. At the top "
          + "stands what is beyond, or no number.", x: margin, y: 54, style: "tick"),
    ])
    if let ways { picture.add(ways.elements(x: margin, y: 78)) }
    if hasLayers {
      picture.add([
        SVG.text(
          "What it means to a layer in fp32: beta 0.999, no decay, chunks of 64", x: margin,
          y: top + 34,
          style: "head")
      ])
    }
    for (column, panel) in layers.enumerated() {
      picture.add(panel.elements(x: margin + Double(column) * 365, y: top + 106, width: 270, height: 286))
    }
    if let keys {
      picture.add(
        keys.elements(
          x: margin + 796, y: top + 106, cellWidth: min(60, 228 / Double(keys.columns.count)), cellHeight: 26)
      )
    }
    return picture
  }

  private static func growthPanel(_ cells: [GuardCell]) -> Panel? {
    let series = GuardSweep.subBlocks.filter { $0 <= 32 }.map { subBlock in
      Panel.Series(
        name: "\(subBlock)", colour: colours[subBlock] ?? 9,
        points: GuardPoint.lengths.compactMap { T in
          cells.first { $0.isOf(Solve(.doubling, subBlock: subBlock)) && $0.point == GuardPoint(T: T) }?.error
            .map { (Double(T), $0) }
        }, isLabelled: true)
    }.filter { !$0.points.isEmpty }
    guard !series.isEmpty else { return nil }
    return Panel(
      title: "doubling, equal keys: growth, by sub-block",
      x: .logarithmic([64, 128, 256, 1024, 4096]) { "\(Int($0))" }, y: .powers(-8...16, step: 4),
      xLabel: "tokens T", yLabel: "error of y or state", series: series)
  }

  private static func predictionPanel(_ cells: [GuardCell]) -> Panel? {
    let series = GuardSweep.subBlocks.map { subBlock in
      Panel.Series(
        name: "sub-block \(subBlock)", colour: colours[subBlock] ?? 9,
        points: thinned(cells.filter { $0.isOf(Solve(.doubling, subBlock: subBlock)) }).map {
          ($0.solve.predicted, $0.solve.error)
        }, isLine: false)
    }.filter { !$0.points.isEmpty }
    guard !series.isEmpty else { return nil }
    let diagonal = Panel.Series(name: "", colour: 8, points: [(1e-8, 1e-8), (1e16, 1e16)], isDashed: true)
    return Panel(
      title: "doubling: its worst step explains the error", x: .powers(-8...16, step: 4),
      y: .powers(-8...16, step: 4), xLabel: "predicted: u max(|P||x|) over the solution",
      yLabel: "error of the solve alone", series: [diagonal] + series, namesSeries: true)
  }

  /// Enough points for a cloud.
  private static func thinned(_ cells: [GuardCell]) -> [GuardCell] {
    let step = max(1, cells.count / 60)
    return cells.enumerated().filter { $0.offset % step == 0 }.map(\.element)
  }

  /// How the keys lie to each other, beside the sub-block of doubling: the verdict on the layer.
  private static func keysMap(_ cells: [GuardCell]) -> HeatMap? {
    func cell(_ keys: String, _ subBlock: Int) -> GuardCell? {
      cells.first {
        $0.isOf(Solve(.doubling, subBlock: subBlock)) && $0.point == GuardPoint(keys: keys) && $0.error != nil
      }
    }
    let rows = GuardPoint.geometries.filter { keys in GuardSweep.subBlocks.contains { cell(keys, $0) != nil }
    }
    let columns = GuardSweep.subBlocks.filter { subBlock in rows.contains { cell($0, subBlock) != nil } }
    guard !rows.isEmpty, !columns.isEmpty else { return nil }
    return HeatMap(
      title: "doubling, T = 256, by keys", xLabel: "rows of a sub-block",
      yLabel: "keys", columns: columns.map(String.init), rows: rows.map(name),
      cells: rows.map { keys in
        columns.map { subBlock in
          cell(keys, subBlock).map { cell in
            HeatMap.Cell(text: oneDigit(cell.error ?? .nan), shade: shade(of: cell.grade))
          }
        }
      })
  }

  private static func shade(of grade: Grade?) -> HeatMap.Shade {
    switch grade {
    case .agrees: .good
    case .degraded: .doubtful
    case .disagrees, .failed: .bad
    case .refused, nil: .unknown
    }
  }

  /// For people: `cone 15°`, `4 clusters of 5°`.
  private static func name(_ keys: String) -> String {
    let parts = keys.split(separator: ":")
    switch parts.first {
    case "cone" where parts.count == 2: return "cone \(parts[1])°"
    case "clusters" where parts.count == 3: return "\(parts[1]) clusters \(parts[2])°"
    default: return keys
    }
  }
}
