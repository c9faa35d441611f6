import Generator

/// How often each danger was drawn, among a thousand cases, and how often it must have been.
enum CoveragePicture {
  private static let row = 17.0, width = 350.0, columns = 3
  /// Where the bars begin.
  private static let left = 205.0

  /// Columns that stand side by side where there is room, and under each other where there is none.
  static func columns(_ coverage: Coverage, profile: Profile) -> [SVG] {
    let cases = Double(max(1, coverage.cases))
    let missed = Set(coverage.missed(in: profile).map(\.label))
    let rows = Label.all.enumerated().compactMap {
      index, label -> (name: String, share: Double, least: Double)? in
      let (share, least) = (Double(coverage.table[index].count) / cases * 1000, label.least(in: profile))
      return share == 0 && least == 0 ? nil : (label.name, share, least)
    }
    let length = max(1, (rows.count + columns - 1) / columns)
    return stride(from: 0, to: rows.count, by: length).map { first in
      let own = rows[first..<min(first + length, rows.count)]
      var svg = SVG(width: width, height: row * Double(own.count) + 14)
      for (number, one) in own.enumerated() {
        svg.add(
          bar(
            one.name, one.share, least: one.least, y: row * Double(number) + 8,
            isMissed: missed.contains(one.name)))
      }
      return svg
    }
  }

  private static func bar(_ name: String, _ share: Double, least: Double, y: Double, isMissed: Bool)
    -> [String]
  {
    let width = scale(share)
    let bar = [
      SVG.text(name, x: left - 8, y: y + 9, style: "tick", anchor: "end"),
      SVG.bar(x: left, y: y, width: width, height: 11, style: isMissed ? "dot0" : "share"),
      SVG.text(count(share), x: left + max(width, scale(least)) + 6, y: y + 9, style: "note"),
    ]
    let place = left + scale(least)
    return least > 0 ? bar + [SVG.line(place, y - 2, place, y + 13, style: "least")] : bar
  }

  /// A square root, so that the rare can be seen beside the frequent.
  private static func scale(_ share: Double) -> Double { 110 * (share / 1000).squareRoot() }

  private static func count(_ share: Double) -> String {
    share >= 10 || share == 0 ? "\(Int(share.rounded()))" : short(share)
  }
}
