/// Random bits by address: whoever names the same key gets the same bits, on every thread and in every order.
struct Dice {
  /// Whether they are not to be asked, and every number goes to the nearest of its neighbours, ties to even.
  let isNearest: Bool
  /// Marsaglia's xorshift, eight of them side by side.
  private var lanes: SIMD8<UInt32>

  /// The bits of this address.
  init(key: UInt64, isNearest: Bool = false) {
    self.isNearest = isNearest
    lanes = .zero
    for pair in 0..<4 {
      let bits = Dice.mixed(key, UInt64(pair))
      lanes[2 * pair] = UInt32(truncatingIfNeeded: bits)
      lanes[2 * pair + 1] = UInt32(truncatingIfNeeded: bits >> 32)
    }
    // The one state that it never leaves.
    lanes.replace(with: 1, where: lanes .== 0)
  }

  /// Eight times 32 bits.
  @inline(__always) mutating func next() -> SIMD8<UInt32> {
    lanes ^= lanes &<< 13
    lanes ^= lanes &>> 17
    lanes ^= lanes &<< 5
    return lanes
  }

  /// One address out of two, by the finaliser of SplitMix64.
  static func mixed(_ key: UInt64, _ counter: UInt64) -> UInt64 {
    var z = key &+ (counter &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
