import GatedDeltaRule
import Oracle

/// The smallest faults as a picture: a panel for every form and format, a column for every result.
enum PowerPicture {
  private static let kinds: [(name: String, extent: FaultExtent, column: PowerColumn)] = [
    ("one element, in a case", .element, .inCase(isExact: false)),
    ("one row, in a case", .row, .inCase(isExact: false)),
    ("all of it, in a case", .all, .inCase(isExact: false)),
    ("all of it, in 200 cases", .all, .inRun(200)),
    ("all of it, in 2,000 cases", .all, .inRun(2000)),
  ]
  private static let colours = [8, 6, 5, 2, 0]
  private static let width = 1240.0

  /// The picture.
  static func drawing(_ results: [PowerResult]) -> SVG {
    let rows = (results.count + 1) / 2
    var picture = SVG(width: width, height: 120 + 300 * Double(rows))
    picture.add([
      SVG.text("The smallest fault that is found", x: 70, y: 34, style: "head"),
      SVG.text(
        "f where a part of a result is 1 + f times what it should be; without a run in fp64. What is not found at all is not drawn.",
        x: 70, y: 54, style: "tick"),
    ])
    let legend = Legend(zip(kinds, colours).map { ($0.name, $1) })
    picture.add(legend.elements(x: 70, y: 78, right: width - 20))
    for (number, result) in results.enumerated() {
      picture.add(
        panel(result).elements(
          x: 70 + Double(number % 2) * 600, y: 140 + Double(number / 2) * 300, width: 540, height: 200))
    }
    return picture
  }

  private static func panel(_ result: PowerResult) -> Panel {
    let quantities = result.power.quantities
    let last = max(1, quantities.count - 1)
    let series = zip(kinds, colours).map { kind, colour in
      Panel.Series(
        name: kind.name, colour: colour,
        points: quantities.enumerated().compactMap { place, quantity in
          guard let found = result.sensitivity(quantity, kind.extent, kind.column), found.fault.isFinite
          else {
            return nil
          }
          return (Double(place), found.fault)
        }, isLine: false)
    }
    return Panel(
      title: "\(result.setting.inputs.rawValue), \(result.setting.form)",
      x: .linear(0...Double(last), steps: last) { place in
        let number = Int(place.rounded())
        return number < quantities.count ? PowerTable.name(quantities[number]) : ""
      }, y: .powers(-8...4, step: 2), yLabel: "f", series: series)
  }
}
