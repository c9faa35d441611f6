import GatedDeltaRule
import Inversion

/// The bare solves, a panel a method: a curve for every format of products, and one for beta up to 2.
struct InversionPanels {
  private let map: InversionMap
  private let methods: [Inversion.Method]
  private static let columns = 5
  private static let cell = (width: 236.0, height: 232.0)

  init(_ map: InversionMap) {
    self.map = map
    methods = Inversion.Method.allCases.filter { map.axes.methods.contains($0.rawValue) }
  }

  /// Of all rows of panels, with the legend.
  var height: Double {
    let rows = (methods.count + InversionPanels.columns - 1) / InversionPanels.columns
    return 64 + Double(rows) * InversionPanels.cell.height
  }

  private static func colour(_ products: ProductFormat) -> Int {
    switch products {
    case .fp32: 5
    case .tf32: 3
    case .fp16: 1
    case .bf16: 7
    }
  }

  func elements(x: Double, y: Double) -> [String] {
    var legend = SVG(width: 0, height: 0)
    let formats = ProductFormat.allCases.filter { map.axes.products.contains($0.rawValue) }
    legend.addLegend(
      formats.map { format in
        (
          "products in \(format.rawValue)" + (format == .fp16 ? ", as tf32 until it overflows" : ""),
          InversionPanels.colour(format)
        )
      }, x: x, y: y + 12)
    let (wide, limit) = (x + 720, x + 900)
    var elements =
      legend.drawn + [
        SVG.path([(wide, y + 8), (wide + 18, y + 8)], colour: InversionPanels.colour(.fp32), isDashed: true),
        SVG.text("fp32, beta up to 2, not 1", x: wide + 24, y: y + 12, style: "tick"),
        SVG.line(limit, y + 8, limit + 18, y + 8, style: "limit"),
        SVG.text("bf16's roundoff, 2^-8", x: limit + 24, y: y + 12, style: "tick"),
      ]
    for (n, method) in methods.enumerated() {
      let (row, column) = (n / InversionPanels.columns, n % InversionPanels.columns)
      elements += panel(method, formats, hasScale: column == 0).elements(
        x: x + Double(column) * InversionPanels.cell.width,
        y: y + 64 + Double(row) * InversionPanels.cell.height, width: 200, height: 150)
    }
    return elements
  }

  private func panel(_ method: Inversion.Method, _ formats: [ProductFormat], hasScale: Bool) -> Panel {
    func series(_ products: ProductFormat, isDashed: Bool, _ isAsked: (InversionMap.Place) -> Bool)
      -> Panel.Series
    {
      Panel.Series(
        name: "", colour: InversionPanels.colour(products),
        points: map.axes.subBlocks.compactMap { subBlock in
          map.worst(method, products, subBlock: subBlock, at: isAsked).map { (Double(subBlock), $0) }
        }, isDashed: isDashed)
    }
    let own = formats.reversed().map { series($0, isDashed: false) { $0.beta <= 1 } }
    let wide = series(.fp32, isDashed: true) { _ in true }
    let ticks = map.axes.subBlocks.map(Double.init)
    return Panel(
      title: method.text, x: .logarithmic(ticks) { "\(Int($0))" }, y: .powers(-8...16, step: 4),
      yLabel: hasScale ? "error of X" : nil, series: [wide] + own,
      limits: [(0x1p-8, "")])
  }
}
