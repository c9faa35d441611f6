/// A floating-point format that inputs and results are stored in.
public enum Precision: String, Hashable, Sendable, CaseIterable {
  case fp64
  case fp32
  case bf16
  case fp16

  /// u, the largest relative error of one rounding to nearest in the normal range: 2^-p.
  public var unitRoundoff: Double {
    switch self {
    case .fp64: 0x1p-53
    case .fp32: 0x1p-24
    case .bf16: 0x1p-8
    case .fp16: 0x1p-11
    }
  }

  /// The largest absolute error of one rounding in the subnormal range: half the spacing there.
  public var underflow: Double {
    switch self {
    case .fp64: 0
    case .fp32: 0x1p-150
    case .bf16: 0x1p-134
    case .fp16: 0x1p-25
    }
  }

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .fp64: 8
    case .fp32: 4
    case .bf16, .fp16: 2
    }
  }

  /// The nearest number of this format, ties to even, overflowing to infinity; NaN stays NaN.
  ///
  /// The rounding is done once, from the double: going through fp32 first would round twice.
  public func round(_ x: Double) -> Double {
    switch self {
    case .fp64: x
    case .fp32: Double(Float(x))
    case .bf16: Double(BFloat16(x).float)
    case .fp16: Half(x).double
    }
  }
}

/// bfloat16: the upper half of an fp32.
public struct BFloat16: Hashable, Sendable {
  /// Sign, eight bits of exponent, seven of fraction.
  public var bits: UInt16

  /// The number with this bit pattern.
  public init(bits: UInt16) { self.bits = bits }

  /// Rounds once, to nearest, ties to even.
  public init(_ x: Double) {
    // Round to odd in fp32 first: a sticky last bit remembers what was cut off, so that the second rounding
    // decides as if it had seen x itself.
    let nearest = Float(x)
    var pattern = nearest.bitPattern
    guard !nearest.isNaN else {
      bits = UInt16(pattern >> 16) | 0x0040
      return
    }
    let exact = Double(nearest)
    if exact != x {
      let movedAway = exact.magnitude > x.magnitude
      if movedAway { pattern -= 1 }
      pattern |= 1
    }
    let tie = (pattern >> 16) & 1
    bits = UInt16(truncatingIfNeeded: (UInt64(pattern) + 0x7FFF + UInt64(tie)) >> 16)
  }

  /// The same number as an fp32.
  public var float: Float { Float(bitPattern: UInt32(bits) << 16) }
}

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
