/// A place to read a value from: values are not drawn in order but addressed by seed, tensor and coordinates, so
/// that a smaller problem holds the very values of the larger one.
struct Address {
  /// 64 bits that look independent of those of any other address.
  let bits: UInt64

  /// The root of one tensor's values.
  init(seed: UInt64, name: StaticString) {
    // FNV-1a of the name.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in 0..<name.utf8CodeUnitCount {
      hash = (hash ^ UInt64(name.utf8Start[index])) &* 0x0000_0100_0000_01B3
    }
    bits = mixed(hash ^ mixed(seed))
  }

  private init(bits: UInt64) { self.bits = bits }

  /// One coordinate further; negative coordinates are places like any other.
  @inline(__always)
  func at(_ coordinate: Int) -> Address {
    Address(bits: mixed(bits &+ (UInt64(bitPattern: Int64(coordinate)) &+ 1) &* 0x9E37_79B9_7F4A_7C15))
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  @inline(__always)
  var uniform: Double { Double(bits >> 11) * 0x1p-53 }

  /// About N(0, 1): four 16-bit uniforms, added as integers. The tails end at 3.46.
  @inline(__always)
  var normal: Double {
    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
    // The sum has the mean 131070 and the variance 4 (2^32 - 1) / 12.
    return (Double(sum) - 131070) * 2.642_899_792_130_301_4e-5
  }

  /// A whole number from 1 to this one with a sign, or 0 but in so many per cent.
  func integer(upTo largest: Int, fill: Double) -> Double {
    guard uniform * 100 < fill else { return 0 }
    // The bits below those of `uniform`.
    let size = 1 + Int(bits & 0x3FF) % largest
    return Double(bits >> 10 & 1 == 0 ? size : -size)
  }

  /// 1 or -1.
  @inline(__always)
  var sign: Double { bits >> 63 == 0 ? 1 : -1 }
}

/// The finaliser of splitmix64: a bijection of 64-bit words whose every output bit depends on every input bit.
@inline(__always)
func mixed(_ word: UInt64) -> UInt64 {
  var z = word
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
