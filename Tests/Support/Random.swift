/// SplitMix64: the same numbers on every machine and in every run.
public struct Random: RandomNumberGenerator {
  private var state: UInt64

  /// Every test names its seed.
  public init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1 }

  /// 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in the range.
  public mutating func uniform(_ range: ClosedRange<Double> = 0...1) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * Double(next() >> 11) * 0x1p-53
  }

  /// Near enough to normal, variance 1.
  public mutating func normal() -> Double {
    var sum = -6.0
    for _ in 0..<12 { sum += uniform() }
    return sum
  }

  /// From 0 to below the count.
  public mutating func index(_ count: Int) -> Int { Int(next() % UInt64(count)) }

  /// True with probability p.
  public mutating func chance(_ p: Double) -> Bool { uniform() < p }

  /// One of the list.
  public mutating func pick<T>(_ list: [T]) -> T { list[index(list.count)] }

  /// So many normal numbers.
  public mutating func normals(_ count: Int) -> [Double] { (0..<count).map { _ in normal() } }
}
