import Foundation
import GatedDeltaRule
import Oracle

/// How near its bound one implementation comes, a row for every result: where the errors of its cases lie, the
/// bound itself, and, at the left, the cases without any error.
enum DistributionPicture {
  private static let width = 346.0
  private static let left = 68.0, right = 290.0
  private static let row = 29.0
  private static let axis = Scale.powers(-6...2, step: 2)
  /// The exponents of 2 that the axis shows; what lies beyond stands at its ends.
  private static let exponents = -20..<7

  /// Nil for one that was never evaluated.
  static func svg(_ tally: Tally) -> SVG? {
    let rows = Quantity.allCases.compactMap { quantity in
      tally.ratios[quantity.rawValue].map { (quantity, $0) }
    }
    guard !rows.isEmpty else { return nil }
    let height = 30 + row * Double(rows.count)
    var svg = SVG(width: width, height: height + 30)
    svg.add(frame(height))
    for (index, (quantity, histogram)) in rows.enumerated() {
      svg.add(
        ridge(quantity.rawValue, histogram, base: 26 + row * Double(index + 1), tally.isControl ? 8 : 5))
    }
    return svg
  }

  private static func x(_ ratio: Double) -> Double { left + 28 + axis.position(ratio) * (right - left - 28) }

  private static func frame(_ height: Double) -> [String] {
    let bound = x(1)
    let ticks = axis.ticks.flatMap { tick in
      [
        SVG.line(x(tick.value), 18, x(tick.value), height, style: "grid"),
        SVG.text(
          tick.value < 1e-5 ? "≤" + tick.label : tick.label, x: x(tick.value) + (tick.value < 1e-5 ? 5 : 0),
          y: height + 15,
          style: "tick", anchor: "middle"),
      ]
    }
    return [SVG.bar(x: bound, y: 18, width: right - bound, height: height - 18, style: "beyond")] + ticks + [
      SVG.line(bound, 18, bound, height, style: "limit"),
      SVG.text("bound", x: bound, y: 12, style: "note", anchor: "middle"),
      SVG.text("0", x: left + 4.5, y: height + 15, style: "tick", anchor: "middle"),
      SVG.text("worst of all", x: width - 2, y: 12, style: "note", anchor: "end"),
    ]
  }

  /// One row, as high as its fullest half octave.
  private static func ridge(_ name: String, _ histogram: Histogram, base: Double, _ colour: Int) -> [String] {
    let bins = visible(histogram)
    let fullest = Double(max(1, bins.max() ?? 1))
    let tops = bins.map { $0 == 0 ? base : base - 1.5 - (row - 7) * (Double($0) / fullest).squareRoot() }
    let zeros = (row - 6) * Double(histogram.zeros) / Double(max(1, histogram.count))
    var elements = [
      SVG.text(name, x: left - 8, y: base - 2, style: "tick", anchor: "end"),
      SVG.line(left, base, right, base, style: "grid"),
      SVG.bar(x: left, y: base - zeros, width: 9, height: zeros, style: "area strong area\(colour)"),
      SVG.text(worst(histogram), x: width - 2, y: base - 2, style: "tick", anchor: "end"),
    ]
    for run in bins.indices.split(whereSeparator: { bins[$0] == 0 }) {
      let outline = run.flatMap { index in
        let low = pow(2, Double(exponents.lowerBound) + Double(index) / 2)
        return [(x: x(low), y: tops[index]), (x: x(low * 2.0.squareRoot()), y: tops[index])]
      }
      guard let first = outline.first, let last = outline.last else { continue }
      let shape = [(x: first.x, y: base)] + outline + [(x: last.x, y: base)]
      elements += [SVG.area(shape, colour: colour), SVG.path(shape, colour: colour)]
    }
    return elements
  }

  /// The half octaves of the axis, what lies beyond it in the first and the last.
  private static func visible(_ histogram: Histogram) -> [Int] {
    let first = 2 * (exponents.lowerBound - Histogram.exponents.lowerBound)
    var bins = [Int](repeating: 0, count: 2 * exponents.count)
    for (index, count) in histogram.halfOctaves.enumerated() {
      bins[min(max(index - first, 0), bins.count - 1)] += count
    }
    bins[bins.count - 1] += histogram.nonFinite
    return bins
  }

  /// The upper border of the fullest to the right, as a number.
  private static func worst(_ histogram: Histogram) -> String {
    if histogram.nonFinite > 0 { return "inf" }
    guard let last = histogram.halfOctaves.lastIndex(where: { $0 > 0 }) else { return "0" }
    let border = pow(2, Double(Histogram.exponents.lowerBound) + Double(last + 1) / 2)
    return (last == histogram.halfOctaves.count - 1 ? ">" : "<") + short(border)
  }
}
