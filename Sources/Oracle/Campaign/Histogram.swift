/// How often an error over its bound fell where, in half octaves: the shape of what rounding does, and how near
/// the bound it comes.
///
/// The borders are powers of the square root of 2, found from exponent and significand alone, so that every machine
/// counts alike and the counts of many runs add up.
package struct Histogram: Sendable, Hashable, Codable {
  /// The exponents of 2 between which half octaves are told apart; what is beyond counts as the nearest.
  package static let exponents = -24..<8
  /// Half octaves, from small to large.
  package private(set) var halfOctaves = [Int](repeating: 0, count: 2 * exponents.count)
  /// No error at all.
  package private(set) var zeros = 0
  /// Inf and NaN.
  package private(set) var nonFinite = 0

  /// Nothing counted yet.
  package init() {}

  /// The upper border of the last half octave that anything fell into; 0 if nothing did.
  package var largest: Double {
    guard let last = halfOctaves.lastIndex(where: { $0 > 0 }) else { return 0 }
    return Histogram.border(last + 1)
  }

  /// The least border that at least this share of everything counted lies below; 0 if they show no error, infinite
  /// past the last border.
  package func border(ofShare share: Double) -> Double {
    let wanted = share * Double(count)
    var below = zeros
    guard Double(below) < wanted else { return 0 }
    for (bin, count) in halfOctaves.enumerated() {
      below += count
      if Double(below) >= wanted, bin < halfOctaves.count - 1 { return Histogram.border(bin + 1) }
    }
    return .infinity
  }

  /// How many fell between two borders.
  package func count(from low: Double, upTo high: Double) -> Int {
    halfOctaves.indices.reduce(0) { sum, bin in
      Histogram.border(bin) >= low && Histogram.border(bin + 1) <= high ? sum + halfOctaves[bin] : sum
    }
  }

  /// The lower border of a half octave.
  private static func border(_ bin: Int) -> Double {
    let octave = Double(sign: .plus, exponent: exponents.lowerBound + bin / 2, significand: 1)
    return bin % 2 == 0 ? octave : octave * 2.0.squareRoot()
  }

  /// Everything counted.
  package var count: Int { halfOctaves.reduce(zeros + nonFinite, +) }

  /// Counts one ratio, at least 0.
  package mutating func add(_ ratio: Double) {
    guard ratio.isFinite else {
      nonFinite += 1
      return
    }
    guard ratio > 0 else {
      zeros += 1
      return
    }
    let exponent = min(
      max(Int(ratio.exponent), Histogram.exponents.lowerBound), Histogram.exponents.upperBound - 1)
    let isUpper = exponent == Int(ratio.exponent) ? ratio.significand >= 2.0.squareRoot() : ratio > 1
    halfOctaves[2 * (exponent - Histogram.exponents.lowerBound) + (isUpper ? 1 : 0)] += 1
  }

  /// Adds what another run counted.
  package mutating func add(_ other: Histogram) {
    for index in halfOctaves.indices { halfOctaves[index] += other.halfOctaves[index] }
    zeros += other.zeros
    nonFinite += other.nonFinite
  }

  /// Whether it has the bins that it must have, and may be one of so many cases.
  func isSound(of cases: Int) -> Bool {
    let counts = halfOctaves + [zeros, nonFinite]
    return halfOctaves.count == 2 * Histogram.exponents.count && counts.allSatisfy { $0.isCount(of: cases) }
      && counts.reduce(0, +) <= cases
  }
}

extension Int {
  /// Whether a file may claim to have counted so far: sums over as many files as there are stay numbers.
  var isCount: Bool { (0...Record.mostCases).contains(self) }

  /// Whether so many of `cases` can be.
  func isCount(of cases: Int) -> Bool { self >= 0 && self <= cases }
}
