import Foundation

/// How numbers become positions along one axis.
struct Scale: Sendable {
  private enum Kind: Sendable { case linear, logarithmic }

  private let kind: Kind
  private let low, high: Double
  /// Where lines and labels stand.
  let ticks: [(value: Double, label: String)]

  private init(_ kind: Kind, low: Double, high: Double, ticks: [(value: Double, label: String)]) {
    (self.kind, self.low, self.high, self.ticks) = (kind, low, high, ticks)
  }

  /// Powers of ten, a label at every `step`-th.
  static func powers(_ exponents: ClosedRange<Int>, step: Int = 1) -> Scale {
    let ticks = stride(from: exponents.lowerBound, through: exponents.upperBound, by: step).map {
      (value: pow(10, Double($0)), label: $0 == 0 ? "1" : "1e\($0)")
    }
    return Scale(
      .logarithmic, low: Double(exponents.lowerBound), high: Double(exponents.upperBound), ticks: ticks)
  }

  /// A logarithmic axis that names only these values.
  static func logarithmic(_ values: [Double], label: (Double) -> String) -> Scale {
    let ends = (log10(values.first ?? 1), log10(values.last ?? 10))
    let margin = (ends.1 - ends.0) * 0.06
    return Scale(
      .logarithmic, low: ends.0 - margin, high: ends.1 + margin, ticks: values.map { ($0, label($0)) })
  }

  /// Equal steps from low to high.
  static func linear(_ range: ClosedRange<Double>, steps: Int, label: (Double) -> String) -> Scale {
    let ticks = (0...steps).map { step in
      let value = range.lowerBound + (range.upperBound - range.lowerBound) * Double(step) / Double(steps)
      return (value: value, label: label(value))
    }
    return Scale(.linear, low: range.lowerBound, high: range.upperBound, ticks: ticks)
  }

  /// 0 at the low end, 1 at the high end; what lies beyond, and what is no number, stays at an end.
  func position(_ value: Double) -> Double {
    let place = kind == .linear ? value : log10(max(value, .leastNormalMagnitude))
    guard !place.isNaN else { return 1 }
    return min(1, max(0, (place - low) / (high - low)))
  }
}
