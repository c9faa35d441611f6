//  exp, log, log1p, softplus and sigmoid in fp64 from + - * / alone.
//
//  The C library's fp64 functions give different bits on processors with and without FMA. These give the same
//  bits everywhere, to within one unit in the last place.
//
//    exp x = 2^n e^r,  r = x - n ln 2,  |r| <= ln 2 / 2,  e^r = 1 + 2r / (2 - r + r^2 R(r^2) ...)
//    log x = n ln 2 + log(1 + f),  sqrt(1/2) < 1 + f < sqrt 2,  log(1 + f) = 2 artanh(f / (2 + f))
//
//  The minimax coefficients are those of the public-domain msun library.

package enum Elementary {
  private static let ln2High = 6.93147180369123816490e-01
  private static let ln2Low = 1.90821492927058770002e-10

  /// e^x, with gradual underflow.
  package static func exp(_ x: Double) -> Double {
    guard x.magnitude <= 745.2 else {
      if x.isNaN { return x }
      return x > 709.79 ? .infinity : 0
    }
    guard x <= 709.782712893384 else { return .infinity }
    // Adding and subtracting 1.5 * 2^52 rounds to an integer.
    let n = (x * 1.44269504088896338700 + 0x1.8p52) - 0x1.8p52
    let high = x - n * ln2High
    let low = n * ln2Low
    let r = high - low
    let t = r * r
    let c =
      r - t
      * (1.66666666666666019037e-01
        + t
        * (-2.77777777770155933842e-03
          + t
          * (6.61375632143793436117e-05
            + t * (-1.65339022054652515390e-06 + t * 4.13813679705723846039e-08))))
    let y = 1 - ((low - (r * c) / (2 - c)) - high)
    // Two factors, so that a result below the normal range is rounded once and 2^1024 is never formed.
    let half = Int(n) / 2
    return (y * powerOfTwo(half)) * powerOfTwo(Int(n) - half)
  }

  /// e^x of eight numbers: the same operations lane by lane, and so the same bits as one by one.
  @inline(__always) package static func exp(_ x: SIMD8<Double>) -> SIMD8<Double> {
    // Within these bounds every result is normal, and one power of two does for it.
    guard all((x .>= -700) .& (x .<= 700)) else {
      var results = SIMD8<Double>.zero
      for lane in 0..<8 { results[lane] = exp(x[lane]) }
      return results
    }
    let shifted = x * 1.44269504088896338700 + 0x1.8p52
    let n = shifted - 0x1.8p52
    let high = x - n * ln2High
    let low = n * ln2Low
    let r = high - low
    let t = r * r
    var c = t * 4.13813679705723846039e-08 + (-1.65339022054652515390e-06)
    c = t * c + 6.61375632143793436117e-05
    c = t * c + (-2.77777777770155933842e-03)
    c = t * c + 1.66666666666666019037e-01
    c = r - t * c
    let y = 1 - ((low - (r * c) / (2 - c)) - high)
    // The last bits of the shifted number are n as an integer.
    let bits = unsafeBitCast(shifted, to: SIMD8<UInt64>.self) &- (0x1.8p52).bitPattern
    return y * unsafeBitCast((bits &+ 1023) &<< 52, to: SIMD8<Double>.self)
  }

  /// The natural logarithm; -inf at zero, NaN below.
  package static func log(_ x: Double) -> Double {
    guard x > 0 else { return x == 0 ? -.infinity : .nan }
    guard x < .infinity else { return x }
    let isSubnormal = x < 0x1p-1022
    let scaled = isSubnormal ? x * 0x1p54 : x
    var exponent = Int((scaled.bitPattern >> 52) & 0x7FF) - 1023 - (isSubnormal ? 54 : 0)
    var significand = Double(bitPattern: (scaled.bitPattern & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000)
    if significand > 1.41421356237309504880 {
      significand *= 0.5
      exponent += 1
    }
    let f = significand - 1
    let n = Double(exponent)
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let odd =
      z
      * (6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    let even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    let halfSquare = 0.5 * f * f
    return n * ln2High - ((halfSquare - (s * (halfSquare + (odd + even)) + n * ln2Low)) - f)
  }

  /// The natural logarithm of eight numbers: the same bits as one by one.
  @inline(__always) package static func log(_ x: SIMD8<Double>) -> SIMD8<Double> {
    guard all((x .>= 0x1p-1022) .& (x .< .infinity)) else {
      var results = SIMD8<Double>.zero
      for lane in 0..<8 { results[lane] = log(x[lane]) }
      return results
    }
    let bits = unsafeBitCast(x, to: SIMD8<UInt64>.self)
    var significand = unsafeBitCast(
      (bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000, to: SIMD8<Double>.self)
    // The exponent as the last bits of 1.5 * 2^52, which is taken away again.
    let shifted = (bits &>> 52) &+ ((0x1.8p52).bitPattern &- 1023)
    var n = unsafeBitCast(shifted, to: SIMD8<Double>.self) - 0x1.8p52
    let isUpper = significand .> 1.41421356237309504880
    significand.replace(with: significand * 0.5, where: isUpper)
    n.replace(with: n + 1, where: isUpper)
    let f = significand - 1
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    var odd = w * 1.479819860511658591e-01 + 1.818357216161805012e-01
    odd = w * odd + 2.857142874366239149e-01
    odd = z * (w * odd + 6.666666666666735130e-01)
    var even = w * 1.531383769920937332e-01 + 2.222219843214978396e-01
    even = w * (w * even + 3.999999999940941908e-01)
    let halfSquare = f * 0.5 * f
    return n * ln2High - ((halfSquare - (s * (halfSquare + (odd + even)) + n * ln2Low)) - f)
  }

  /// log(1 + x) for x >= 0: what rounding 1 + x lost is added back to first order.
  package static func log1p(_ x: Double) -> Double {
    let u = 1 + x
    guard u < .infinity else { return u }
    return log(u) + (x - (u - 1)) / u
  }

  /// The same of eight numbers.
  @inline(__always) private static func log1p(_ x: SIMD8<Double>) -> SIMD8<Double> {
    let u = 1 + x
    guard all(u .< .infinity) else {
      var results = SIMD8<Double>.zero
      for lane in 0..<8 { results[lane] = log1p(x[lane]) }
      return results
    }
    return log(u) + (x - (u - 1)) / u
  }

  /// log(1 + e^x) of eight numbers.
  @inline(__always) package static func softplus(_ x: SIMD8<Double>) -> SIMD8<Double> {
    x.replacing(with: 0, where: x .<= 0) + log1p(exp(minusMagnitude(x)))
  }

  /// 1 / (1 + e^-x) of eight numbers.
  @inline(__always) package static func sigmoid(_ x: SIMD8<Double>) -> SIMD8<Double> {
    let e = exp(minusMagnitude(x))
    return SIMD8(repeating: 1).replacing(with: e, where: x .< 0) / (1 + e)
  }

  @inline(__always) private static func minusMagnitude(_ x: SIMD8<Double>) -> SIMD8<Double> {
    unsafeBitCast(unsafeBitCast(x, to: SIMD8<UInt64>.self) | (1 << 63), to: SIMD8<Double>.self)
  }

  /// log(1 + e^x) without overflow.
  package static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-x.magnitude)) }

  /// 1 / (1 + e^-x) without overflow.
  package static func sigmoid(_ x: Double) -> Double {
    let e = exp(-x.magnitude)
    return x < 0 ? e / (1 + e) : 1 / (1 + e)
  }

  private static func powerOfTwo(_ n: Int) -> Double { Double(bitPattern: UInt64(n + 1023) << 52) }
}
