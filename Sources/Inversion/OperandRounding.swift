//  r(x), the nearest number of a format with ties to even:
//
//    tf32   ten bits of fraction, the range of fp32
//    bf16   seven bits of fraction, the range of fp32
//    fp16   ten bits of fraction, multiples of 2^-24 below 2^-14, infinity from 65520 on
//
//  Bits behind the fraction are rounded off as an integer: half of the last place that stays, less one, plus what
//  makes a tie even.

import GatedDeltaRule

extension ProductFormat {
  /// An operand as a product sees it.
  package func rounded(_ x: Float) -> Float {
    switch self {
    case .fp32: x
    case .tf32: Rounding.toFraction(x, cut: 13)
    case .bf16: Rounding.toFraction(x, cut: 16)
    case .fp16: Rounding.toHalf(x)
    }
  }
}

enum Rounding {
  /// All of them.
  static func round(
    _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int, _ format: ProductFormat
  ) {
    switch format {
    case .fp32: y.update(from: x, count: count)
    case .tf32: for i in 0..<count { y[i] = toFraction(x[i], cut: 13) }
    case .bf16: for i in 0..<count { y[i] = toFraction(x[i], cut: 16) }
    case .fp16: for i in 0..<count { y[i] = toHalf(x[i]) }
    }
  }

  /// The last `cut` of the 23 bits rounded off.
  @inline(__always)
  static func toFraction(_ x: Float, cut: UInt32) -> Float {
    let bits = x.bitPattern
    let rounded = ((bits &+ ((1 << (cut - 1)) - 1) &+ (bits >> cut & 1)) >> cut) << cut
    return x.isNaN ? x : Float(bitPattern: rounded)
  }

  @inline(__always)
  static func toHalf(_ x: Float) -> Float {
    let size = x.magnitude
    // Between 1/2 and 1 the spacing of fp32 is 2^-24.
    let small = (size + 0.5) - 0.5
    let normal = toFraction(size, cut: 13)
    let rounded = size < 0x1p-14 ? small : normal > 65504 ? .infinity : normal
    return Float(sign: x.sign, exponent: 0, significand: 1) * rounded
  }
}
