import Machine

/// What a property draws, from a seed and its name alone.
struct Draw {
  private var state: UInt64

  init(seed: UInt64, name: String) {
    // Properties draw independently of each other.
    state = Checksum.hash(name, seed: seed)
  }

  /// SplitMix64.
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in [0, 1).
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// 0 ..< count.
  mutating func integer(below count: Int) -> Int { Int(next() % UInt64(count)) }

  /// One of them.
  mutating func element<Element>(of elements: [Element]) -> Element {
    elements[integer(below: elements.count)]
  }

  /// A multiple of 1/8 between -1 and 1, other than 0: exact in every format.
  mutating func eighth() -> Double { sign() * Double(1 + integer(below: 8)) / 8 }

  /// 1 or -1.
  mutating func sign() -> Double { next() & 1 == 0 ? 1 : -1 }

  /// An order of 0 ..< count, for two and more not the ascending one.
  mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, integer(below: i + 1)) }
    if count > 1, order == Array(0..<count) { order = Array(1..<count) + [0] }
    return order
  }
}
