import Generator

/// How often each danger was drawn, among a thousand cases, and how often it must have been.
enum CoveragePicture {
  private static let row = 17.0, column = 410.0, columns = 3

  static func svg(_ coverage: Coverage, profile: Profile) -> SVG {
    let cases = Double(max(1, coverage.cases))
    let missed = Set(coverage.missed(in: profile).map(\.label))
    let rows = Label.all.enumerated().compactMap {
      index, label -> (name: String, share: Double, least: Double)? in
      let (share, least) = (Double(coverage.table[index].count) / cases * 1000, label.least(in: profile))
      return share == 0 && least == 0 ? nil : (label.name, share, least)
    }
    let perColumn = (rows.count + columns - 1) / columns
    var svg = SVG(width: column * Double(columns), height: row * Double(perColumn) + 14)
    for (index, one) in rows.enumerated() {
      let x = column * Double(index / perColumn) + 218
      let y = row * Double(index % perColumn) + 8
      let width = scale(one.share)
      svg.add([
        SVG.text(one.name, x: x - 8, y: y + 9, style: "tick", anchor: "end"),
        SVG.bar(x: x, y: y, width: width, height: 11, style: missed.contains(one.name) ? "dot0" : "share"),
        SVG.text(count(one.share), x: x + max(width, scale(one.least)) + 6, y: y + 9, style: "note"),
      ])
      if one.least > 0 {
        svg.add([SVG.line(x + scale(one.least), y - 2, x + scale(one.least), y + 13, style: "least")])
      }
    }
    return svg
  }

  /// A square root, so that the rare can be seen beside the frequent.
  private static func scale(_ share: Double) -> Double { 150 * (share / 1000).squareRoot() }

  private static func count(_ share: Double) -> String {
    share >= 10 || share == 0 ? "\(Int(share.rounded()))" : short(share)
  }
}
