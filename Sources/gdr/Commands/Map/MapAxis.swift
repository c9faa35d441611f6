import Foundation
import GatedDeltaRule

/// One of the things that make a case hard, from its hard end to its mild one.
enum MapAxis: String, CaseIterable, Sendable {
  case angle, beta, decay, tokens

  /// For people.
  var text: String {
    switch self {
    case .angle: "angle of keys"
    case .beta: "beta"
    case .decay: "decay g"
    case .tokens: "tokens T"
    }
  }

  /// Where it is looked at first, the hardest first.
  func values(_ extent: MapExtent) -> [Double] {
    switch (self, extent.isQuick) {
    case (.angle, false): [0, 5, 10, 15, 20, 25, 30, 45, 60, 90]
    case (.angle, true): [0, 10, 20, 45, 90]
    case (.beta, false) where extent.isWide: [2, 1.5, 1.2, 1, 0.999, 0.99, 0.9, 0.8, 0.6, 0.2]
    case (.beta, false): [1, 0.999, 0.99, 0.95, 0.9, 0.8, 0.6, 0.4, 0.2]
    case (.beta, true): (extent.isWide ? [1.5] : []) + [0.999, 0.9, 0.6, 0.2]
    case (.decay, false): [1, 0.9999, 0.999, 0.99, 0.97, 0.95, 0.9, 0.8, 0.6, 0.3]
    case (.decay, true): [1, 0.99, 0.9, 0.6]
    case (.tokens, false): [256, 192, 128, 96, 64, 48, 32, 24, 16, 8, 1]
    case (.tokens, true): [128, 64, 32, 16, 1]
    }
  }

  /// Where it is looked at alone: decay down to none left.
  func valuesAlone(_ extent: MapExtent) -> [Double] {
    values(extent) + (self == .decay ? [0.1, 0.01, 1e-6, 0] : [])
  }

  /// The place with another value of this.
  func place(_ place: MapPlace, at value: Double) -> MapPlace {
    var place = place
    switch self {
    case .angle: place.angle = value
    case .beta: place.beta = value
    case .decay: place.g = value
    case .tokens: place.T = Int(value)
    }
    return place
  }

  /// Its value there.
  func value(of place: MapPlace) -> Double {
    switch self {
    case .angle: place.angle
    case .beta: place.beta
    case .decay: place.g
    case .tokens: Double(place.T)
    }
  }

  /// A value between two, or nil if they are as near to each other as is worth telling apart.
  func middle(_ hard: Double, _ mild: Double) -> Double? {
    switch self {
    case .angle: return (mild - hard) > 1 ? ((hard + mild) / 2).rounded() : nil
    case .tokens: return (hard - mild) > 1 ? ((hard + mild) / 2).rounded(.down) : nil
    case .beta where hard > 1:
      return hard - mild > 0.02 ? Decimal.rounded((hard + mild) / 2, digits: 3) : nil
    case .beta:
      return MapAxis.between(1 - hard, 1 - mild).map { Decimal.rounded(1 - $0, digits: 5) }
    case .decay:
      guard mild > 0 else { return nil }
      return MapAxis.between(-log(hard), -log(mild)).map { Decimal.rounded(exp(-$0), digits: 5) }
    }
  }

  /// The geometric mean of two distances from 1, where one is more than a seventh larger.
  private static func between(_ near: Double, _ far: Double) -> Double? {
    let near = max(near, 1e-4)
    return far > near * 1.15 ? (near * far).squareRoot() : nil
  }

  /// For people: `23 degrees`, `0.87`.
  func text(of value: Double) -> String {
    switch self {
    case .angle: "\(Decimal.text(value)) degrees"
    case .beta: "beta \(shortText(of: value))"
    case .decay: "g = \(shortText(of: value))"
    case .tokens: "T = \(Int(value))"
    }
  }

  /// A head of a column or of a row.
  func shortText(of value: Double) -> String {
    switch self {
    case .angle, .tokens: Decimal.text(value)
    case .beta, .decay:
      // As many digits of the distance from 1 as tell neighbours apart.
      value >= 1 || value < 0.9
        ? Decimal.text(Decimal.rounded(value, digits: 2))
        : Decimal.text(Decimal.rounded(1 - Decimal.rounded(1 - value, digits: 2), digits: 6))
    }
  }

  /// `agrees from 23 degrees on`: from a value to the mild end.
  func onwards(from value: Double) -> String {
    switch self {
    case .angle: "from \(text(of: value)) on"
    case .beta, .decay: "from \(text(of: value)) down"
    case .tokens: "up to \(text(of: value))"
    }
  }

  /// `wrong below 12`: from a value, itself left out, to the hard end.
  func beyond(_ value: Double) -> String { "\(side) \(shortText(of: value))" }

  /// Where the hard end is.
  var side: String {
    switch self {
    case .angle: "below"
    case .beta, .decay: "above"
    case .tokens: "beyond"
    }
  }
}

/// How much of a map is looked at.
struct MapExtent: Hashable, Sendable {
  /// Few places, for what is slow.
  var isQuick = false
  /// Beta above 1 too.
  var isWide = false

  /// The two planes: what goes down, and what goes to the right.
  static let planes: [(rows: MapAxis, columns: MapAxis)] = [(.angle, .beta), (.angle, .decay)]
}
