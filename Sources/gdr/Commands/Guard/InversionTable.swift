import GatedDeltaRule
import Inversion

/// The bare solves as a table in 80 columns: a row for every method and format.
enum InversionTable {
  /// What an error may be for the solve to be of use: bf16's roundoff, which a 16-bit deployment does not notice, or
  /// sixteen roundoffs of the products' own format.
  static func limit(_ products: ProductFormat) -> Double { max(0x1p-8, 16 * products.unitRoundoff) }

  static func lines(_ map: InversionMap, on console: Console) -> [String] {
    let subBlocks = map.axes.subBlocks
    var table = Table(["the solve alone", ""] + subBlocks.map(String.init) + ["safe to"])
    for method in Inversion.Method.allCases {
      for (row, products) in ProductFormat.allCases.enumerated() {
        let errors = subBlocks.map { map.worst(method, products, subBlock: $0) { $0.beta <= 1 } }
        let wide = subBlocks.map { map.worst(method, products, subBlock: $0) { _ in true } }
        let limit = limit(products)
        table.add(
          [.init(row == 0 ? method.text : ""), .init(products.rawValue)]
            + errors.map { error in
              .init(error.map(tiny) ?? "", error.map { $0 <= limit ? nil : .red } ?? nil)
            } + [
              .init(safe(subBlocks, errors, limit) + " / " + safe(subBlocks, wide, limit))
            ])
      }
    }
    return table.lines(on: console) + legend
  }

  private static let legend = [
    "Largest error of X over all keys, decays and chunks, beta at most 1, by rows of",
    "a sub-block; operands of products in that format, sums in fp32. Safe to: the",
    "last sub-block up to which it stays within 2^-8, or 16 roundoffs of the format,",
    "for beta up to 1 / up to 2.",
  ]

  /// The last of the sub-blocks up to which all errors are within the limit.
  private static func safe(_ subBlocks: [Int], _ errors: [Double?], _ limit: Double) -> String {
    let good = zip(subBlocks, errors).prefix { $0.1.map { $0 <= limit } ?? false }
    return good.last.map { "\($0.0)" } ?? "-"
  }

  /// In one digit: `3e-7`.
  private static func tiny(_ error: Double) -> String {
    guard error.isFinite else { return "inf" }
    return error == 0 ? "0" : oneDigit(error)
  }
}
