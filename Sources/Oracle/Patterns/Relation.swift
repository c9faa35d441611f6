import Foundation
import GatedDeltaRule

/// What wrong elements are to what they should be, where all of them are the same to it.
package enum Relation: Hashable, Sendable, Codable {
  /// Not a number, or infinite.
  case notFinite
  /// Zero.
  case zero
  /// A multiple: of the opposite sign, half, Dk^-1/2 of it.
  case multiple(Double)
  /// What should stand at another place of one axis: head `h` holds what `places[h]` should.
  case moved(axis: Axis, from: [Int])
  /// What should stand so many tokens earlier.
  case late(tokens: Int)

  /// Nil where no such thing is true of enough elements.
  init?(_ found: [Double], _ expected: [Double], _ map: ErrorMap) {
    let off = map.isOff.indices.filter { map.isOff[$0] }
    if off.allSatisfy({ !found[$0].isFinite }) {
      self = .notFinite
      return
    }
    // What should be next to nothing says nothing of a factor.
    let largest = off.reduce(0) { max($0, expected[$1].magnitude) }
    let telling = off.filter { expected[$0].magnitude > 1e-3 * largest }
    guard telling.count >= 2, telling.allSatisfy({ found[$0].isFinite }) else { return nil }
    if telling.allSatisfy({ found[$0] == 0 }) {
      self = .zero
    } else if let factor = Relation.factor(found, expected, telling) {
      self = .multiple(factor)
    } else if let moved = Relation.moved(found, expected, map) ?? Relation.late(found, expected, map) {
      self = moved
    } else {
      return nil
    }
  }

  private static func factor(_ found: [Double], _ expected: [Double], _ telling: [Int]) -> Double? {
    let quotients = telling.map { found[$0] / expected[$0] }
    let mean = quotients.reduce(0, +) / Double(quotients.count)
    guard (mean - 1).magnitude > 1e-3, mean.magnitude > 1e-3 else { return nil }
    return quotients.allSatisfy { ($0 - mean).magnitude <= 2e-3 * mean.magnitude } ? mean : nil
  }

  /// Along the heads or the batch: every wrong place holds what another one should hold.
  private static func moved(_ found: [Double], _ expected: [Double], _ map: ErrorMap) -> Relation? {
    for (n, axis) in map.axes.enumerated() where [.B, .Hk, .Hv].contains(axis) && map.sizes[n] > 1 {
      let lines = Relation.lines(map, along: n)
      var from = Array(0..<map.sizes[n])
      let wrong = from.filter { place in lines[place].contains { map.isOff[$0] } }
      let sources = wrong.map { place in
        lines.indices.first { $0 != place && isSame(lines[place], lines[$0], found, expected, map) }
      }
      guard !sources.isEmpty, !sources.contains(nil) else { continue }
      for (place, source) in zip(wrong, sources) { from[place] = source ?? place }
      return .moved(axis: axis, from: from)
    }
    return nil
  }

  /// Every token holds what the one before it should, or the one after it.
  private static func late(_ found: [Double], _ expected: [Double], _ map: ErrorMap) -> Relation? {
    guard map.axes.count >= 3, map.axes[1] == .T, map.sizes[1] > 2 else { return nil }
    let lines = Relation.lines(map, along: 1)
    for tokens in [1, -1] {
      let pairs = lines.indices.filter { lines.indices.contains($0 - tokens) }
      let isLate = pairs.allSatisfy { isSame(lines[$0], lines[$0 - tokens], found, expected, map) }
      if isLate { return .late(tokens: tokens) }
    }
    return nil
  }

  /// The elements at every place of an axis, in one order.
  private static func lines(_ map: ErrorMap, along axis: Int) -> [[Int]] {
    var lines = [[Int]](repeating: [], count: map.sizes[axis])
    for i in map.isOff.indices { lines[map.place(i)[axis]].append(i) }
    return lines
  }

  private static func isSame(
    _ place: [Int], _ source: [Int], _ found: [Double], _ expected: [Double], _ map: ErrorMap
  ) -> Bool {
    let largest = source.reduce(0) { max($0, expected[$1].magnitude) }
    guard largest > 0 else { return false }
    return zip(place, source).allSatisfy { i, j in
      !map.counts[i] || (found[i] - expected[j]).magnitude <= 1e-3 * largest
    }
  }

  /// In words, after the name of the result.
  package var text: String {
    switch self {
    case .notFinite: "inf or NaN"
    case .zero: "0 where it should not be"
    case .multiple(let factor) where (factor + 1).magnitude <= 2e-3: "of the opposite sign"
    case .multiple(let factor): "\(String(format: "%.4g", factor)) times what it should be"
    case .late(let tokens): "every token holds what the one \(tokens > 0 ? "before" : "after") it should"
    case .moved(let axis, let from):
      (axis == .B ? "row" : axis.noun.one) + " "
        + from.enumerated().filter { $0.offset != $0.element }.prefix(4)
        .map { "\($0.offset) holds what \($0.element) should" }.joined(separator: ", ")
        + (from.enumerated().count { $0.offset != $0.element } > 4 ? ", ..." : "")
    }
  }
}
