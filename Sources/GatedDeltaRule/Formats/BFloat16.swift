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
