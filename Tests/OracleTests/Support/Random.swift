import GatedDeltaRule

/// SplitMix64: every test names its seed.
struct Random {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1 }

  mutating func bits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in the range.
  mutating func uniform(_ range: ClosedRange<Double> = 0...1) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * Double(bits() >> 11) * 0x1p-53
  }

  /// Near enough to normal, variance 1.
  mutating func normal() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += uniform() }
    return sum
  }

  mutating func index(_ count: Int) -> Int { Int(bits() % UInt64(count)) }
  mutating func chance(_ p: Double) -> Bool { uniform() < p }
  mutating func pick<T>(_ list: [T]) -> T { list[index(list.count)] }
  mutating func normals(_ count: Int) -> [Double] { (0..<count).map { _ in normal() } }
}
