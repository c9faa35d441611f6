import Foundation

/// A picture as SVG text, readable on light and on dark ground; no library and no font is needed.
struct SVG {
  private var elements: [String] = []
  let width, height: Double

  /// An empty picture.
  init(width: Double, height: Double) { (self.width, self.height) = (width, height) }

  /// Draws more.
  mutating func add(_ more: [String]) { elements += more }

  /// About how wide a small text is: no font is measured.
  static func textWidth(_ text: String) -> Double { 6.2 * Double(text.count) }

  /// The file's text.
  var text: String {
    """
    \(head)
    <style>
    \(SVG.style)
    </style>
    <rect class="ground" width="100%" height="100%"/>
    \(elements.joined(separator: "\n"))
    </svg>

    """
  }

  /// The elements as they are.
  var drawn: [String] { elements }

  /// The same under some lines of small text.
  func under(_ lines: [String]) -> SVG {
    let room = Int((width - 32) / SVG.textWidth("x"))
    let lines = lines.flatMap { filled($0.split(separator: " "), first: room, rest: room) }
    guard !lines.isEmpty else { return self }
    let height = 16 * Double(lines.count) + 8
    var picture = SVG(width: width, height: self.height + height)
    for (row, line) in lines.enumerated() {
      picture.add([SVG.text(line, x: 16, y: 20 + 16 * Double(row), style: "tick")])
    }
    picture.add(elements(x: 0, y: height))
    return picture
  }

  /// The elements moved to another place.
  func elements(x: Double, y: Double) -> [String] {
    ["<g transform=\"translate(\(SVG.number(x)) \(SVG.number(y)))\">"] + elements + ["</g>"]
  }

  /// The element for a page that has the style already, and a ground of its own.
  var inline: String { head + "\n" + elements.joined(separator: "\n") + "\n</svg>" }

  private var head: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(SVG.number(width)) \(SVG.number(height))" \
    width="\(SVG.number(width))" height="\(SVG.number(height))" role="img">
    """
  }

  /// Eleven inks that differ in lightness as well as in hue, each with its counterpart for dark ground.
  private static let inks = [
    ("#b3123b", "#ff6b8b"), ("#c2500a", "#ff9d57"), ("#94700a", "#e8c14a"), ("#3f7d20", "#8fd16a"),
    ("#0b7a75", "#4fd1c5"), ("#1f5fbf", "#7fb2ff"), ("#6a3fb5", "#bd9bff"), ("#8a2c87", "#f08ae9"),
    ("#555f6b", "#b4bec9"), ("#101418", "#ffffff"), ("#6b3f1d", "#c99b72"),
  ]

  /// How many colours there are.
  static var colours: Int { inks.count }

  /// What every picture looks like; in a page it stands once.
  static var style: String {
    func rules(_ ground: String, _ text: String, _ faint: String, _ ink: (Int) -> String) -> String {
      var rules = [
        ".ground{fill:\(ground)}", "text{fill:\(text)}", ".grid{stroke:\(faint);stroke-width:1}",
        ".limit{stroke:\(text);stroke-width:1;stroke-dasharray:2 3}",
      ]
      for i in inks.indices {
        rules.append(
          ".line\(i){stroke:\(ink(i))}.dot\(i),.area\(i){fill:\(ink(i))}text.ink\(i){fill:\(ink(i))}")
      }
      return rules.joined(separator: "\n")
    }
    return """
      text{font-family:system-ui,sans-serif;font-size:12px}
      .head{font-size:17px;font-weight:600}.title{font-size:13px;font-weight:600}
      .tick,.note{font-size:11px;opacity:.85}.cell{font-size:11px}
      .area{fill-opacity:.22;stroke:none}.blank{fill:none;stroke:#8a939c;stroke-dasharray:2 3}.strong{fill-opacity:.75}.half{fill-opacity:.42}.beyond{fill:#b3123b;fill-opacity:.07}
      .line{fill:none;stroke-width:2;stroke-linejoin:round}.dashed{stroke-dasharray:5 4}
      \(rules("#ffffff", "#1c2024", "#e3e6ea") { inks[$0].0 })
      @media (prefers-color-scheme: dark){
      \(rules("#14171a", "#e8eaed", "#33393f") { inks[$0].1 })
      }
      """
  }

  // MARK: elements

  static func number(_ x: Double) -> String { String(format: "%.1f", x) }

  static func text(_ text: String, x: Double, y: Double, style: String, anchor: String = "start") -> String {
    let content = escaped(text)
    return
      "<text class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(content)</text>"
  }

  static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String) -> String {
    "<line class=\"\(style)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>"
  }

  static func path(_ points: [(x: Double, y: Double)], colour: Int, isDashed: Bool = false) -> String {
    let places = points.map { "\(number($0.x)) \(number($0.y))" }.joined(separator: " L ")
    return "<path class=\"line line\(colour % inks.count)\(isDashed ? " dashed" : "")\" d=\"M \(places)\"/>"
  }

  /// A part of a curve that others run along too: dashes with room for those of the others between them.
  static func path(_ points: [(x: Double, y: Double)], colour: Int, in share: Strands.Share) -> String {
    let whole = path(points, colour: colour)
    guard share.of > 1 else { return whole }
    let dashes =
      "stroke-dasharray=\"\(dash) \(dash * (share.of - 1))\" stroke-dashoffset=\"\(-dash * share.turn)\""
    return whole.replacing(" d=", with: " \(dashes) d=")
  }

  private static let dash = 7

  static func area(_ points: [(x: Double, y: Double)], colour: Int) -> String {
    let places = points.map { "\(number($0.x)) \(number($0.y))" }.joined(separator: " L ")
    return "<path class=\"area area\(colour % inks.count)\" d=\"M \(places) Z\"/>"
  }

  static func bar(x: Double, y: Double, width: Double, height: Double, style: String) -> String {
    "<rect class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" "
      + "height=\"\(number(height))\"/>"
  }

  static func dot(_ x: Double, _ y: Double, colour: Int, radius: Double = 3) -> String {
    let r = radius == 3 ? "3" : number(radius)
    return "<circle class=\"dot\(colour % inks.count)\" cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"\(r)\"/>"
  }
}
