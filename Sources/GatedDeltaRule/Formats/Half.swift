/// IEEE binary16, without leaning on the hardware type, which not every platform has.
public struct Half: Hashable, Sendable {
  /// Sign, five bits of exponent, ten of fraction.
  public var bits: UInt16

  /// The number with this bit pattern.
  public init(bits: UInt16) { self.bits = bits }

  /// Rounds once, to nearest, ties to even.
  public init(_ x: Double) {
    let sign: UInt16 = x.sign == .minus ? 0x8000 : 0
    let magnitude = x.magnitude
    guard !x.isNaN else {
      bits = sign | 0x7E00
      return
    }
    // 65520 is the midpoint between the largest number and what would come next.
    guard magnitude < 65520 else {
      bits = sign | 0x7C00
      return
    }
    // In units of the spacing at x, the fraction is what rounding to an integer leaves.
    let exponent = max(magnitude == 0 ? -14 : Int(magnitude.exponent), -14)
    let scaled = magnitude * Double(sign: .plus, exponent: 10 - exponent, significand: 1)
    // Above 2^52 the spacing of doubles is 1, so the addition rounds to an integer, ties to even.
    let integer = UInt32((scaled + 0x1p52) - 0x1p52)
    bits = sign | UInt16(truncatingIfNeeded: UInt32((exponent + 14) << 10) + integer)
  }

  /// The same number as a double.
  public var double: Double {
    let sign: Double = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10) & 31
    let fraction = Double(bits & 1023)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
    }
  }
}
