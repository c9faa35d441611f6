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
    // A single value stands in the middle.
    let margin = max((ends.1 - ends.0) * 0.06, 0.02)
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

  /// Places for so many things one after the other, a label at every `step`-th.
  static func places(_ count: Int, step: Int, label: (Int) -> String) -> Scale {
    let last = max(count - 1, 1)
    let ticks = stride(from: 0, to: count, by: max(step, 1)).map { (value: Double($0), label: label($0)) }
    return Scale(.linear, low: 0, high: Double(last), ticks: ticks)
  }

  /// The same with another label at one of its values.
  func naming(_ value: Double, _ label: String) -> Scale {
    Scale(
      kind, low: low, high: high,
      ticks: ticks.map { $0.value == value ? (value: value, label: label) : $0 })
  }

  /// 0 at the low end, 1 at the high end; what lies beyond, and what is no number, stays at an end.
  func position(_ value: Double) -> Double {
    let place = kind == .linear ? value : log10(max(value, .leastNormalMagnitude))
    guard !place.isNaN else { return 1 }
    return min(1, max(0, (place - low) / (high - low)))
  }
}
