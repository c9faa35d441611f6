import GatedDeltaRule
import Inversion

/// The bare solves, a panel a method: a curve for every format of products, and one for beta up to 2.
struct InversionPanels {
  private let map: InversionMap
  private let methods: [Inversion.Method]
  private static let columns = 4
  private static let cell = (width: 260.0, height: 232.0)
  /// Of a row.
  private static let width = 1030.0

  init(_ map: InversionMap) {
    self.map = map
    methods = Inversion.Method.allCases.filter { map.axes.methods.contains($0.rawValue) }
  }

  /// Of all rows of panels, with the legend.
  var height: Double {
    let rows = (methods.count + InversionPanels.columns - 1) / InversionPanels.columns
    return 70 + legend.depth(x: 0, right: InversionPanels.width) + Double(rows) * InversionPanels.cell.height
  }

  private static func colour(_ products: ProductFormat) -> Int {
    switch products {
    case .fp32: 5
    case .tf32: 3
    case .fp16: 1
    case .bf16: 7
    }
  }

  private var formats: [ProductFormat] {
    ProductFormat.allCases.filter { map.axes.products.contains($0.rawValue) }
  }

  private var legend: Legend {
    let own = formats.map { format -> (name: String, mark: Legend.Mark) in
      (
        "products in \(format.rawValue)" + (format == .fp16 ? ", as tf32 until it overflows" : ""),
        .series(InversionPanels.colour(format))
      )
    }
    return Legend(
      own + [
        ("fp32, beta up to 2, not 1", .dashed(InversionPanels.colour(.fp32))),
        ("bf16's roundoff, 2^-8", .limit),
      ])
  }

  func elements(x: Double, y: Double) -> [String] {
    let right = x + InversionPanels.width
    let top = y + 70 + legend.depth(x: x, right: right)
    return legend.elements(x: x, y: y + 8, right: right)
      + methods.enumerated().flatMap { n, method in
        let (row, column) = (n / InversionPanels.columns, n % InversionPanels.columns)
        return panel(method, hasScale: column == 0).elements(
          x: x + Double(column) * InversionPanels.cell.width,
          y: top + Double(row) * InversionPanels.cell.height, width: 220, height: 150)
      }
  }

  private func panel(_ method: Inversion.Method, hasScale: Bool) -> Panel {
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
