/// Elementary functions from additions, multiplications and divisions alone.
///
/// The system's own differ in their last bits from one machine to the next; these are the same everywhere, because
/// IEEE 754 fixes every operation in them. They are good to about one unit in the last place, which is more
/// than a recipe needs: what matters is that the bits never change.
enum Elementary {
  /// e^x.
  static func exp(_ x: Double) -> Double {
    guard x > -746 else { return x.isNaN ? x : 0 }
    guard x < 710 else { return .infinity }
    // Above 2^52 the spacing of doubles is 1, so the addition rounds to an integer.
    let n = (x * 1.442_695_040_888_963_4 + 0x1.8p52) - 0x1.8p52
    // The upper part of log 2 has 21 bits to spare, so n times it is exact.
    let r = (x - n * 0x1.62E42FEEp-1) - n * 0x1.A39EF35793C76p-33
    var sum = 1 / 87_178_291_200.0
    sum = sum * r + 1 / 6_227_020_800.0
    sum = sum * r + 1 / 479_001_600.0
    sum = sum * r + 1 / 39_916_800.0
    sum = sum * r + 1 / 3_628_800.0
    sum = sum * r + 1 / 362_880.0
    sum = sum * r + 1 / 40_320.0
    sum = sum * r + 1 / 5_040.0
    sum = sum * r + 1 / 720.0
    sum = sum * r + 1 / 120.0
    sum = sum * r + 1 / 24.0
    sum = sum * r + 1 / 6.0
    sum = sum * r + 1 / 2.0
    sum = sum * r + 1
    sum = sum * r + 1
    let exponent = Int(n)
    // In two steps, since 2^n may be subnormal where e^x still has bits.
    let half = exponent / 2
    return sum * power(of2: half) * power(of2: exponent - half)
  }

  /// log x for x > 0; minus infinity at 0.
  static func log(_ x: Double) -> Double {
    guard x > 0 else { return x == 0 ? -.infinity : .nan }
    guard x < .infinity else { return x }
    // A subnormal number is brought into the normal range first.
    let isSubnormal = x < 0x1p-1022
    let pattern = (isSubnormal ? x * 0x1p54 : x).bitPattern
    var exponent = Int(pattern >> 52) - (isSubnormal ? 1077 : 1023)
    var significand = Double(bitPattern: pattern & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000)
    if significand > 1.414_213_562_373_095_1 { (significand, exponent) = (significand / 2, exponent + 1) }
    // log m = 2 artanh((m - 1) / (m + 1)), with an argument of at most 0.1716.
    let s = (significand - 1) / (significand + 1)
    let square = s * s
    var sum = 1 / 23.0
    sum = sum * square + 1 / 21.0
    sum = sum * square + 1 / 19.0
    sum = sum * square + 1 / 17.0
    sum = sum * square + 1 / 15.0
    sum = sum * square + 1 / 13.0
    sum = sum * square + 1 / 11.0
    sum = sum * square + 1 / 9.0
    sum = sum * square + 1 / 7.0
    sum = sum * square + 1 / 5.0
    sum = sum * square + 1 / 3.0
    sum = sum * square + 1
    let n = Double(exponent)
    return n * 0x1.62E42FEEp-1 + (n * 0x1.A39EF35793C76p-33 + 2 * s * sum)
  }

  /// Cosine and sine of an angle from 0 to 90 degrees; exact at both ends.
  static func cosineAndSine(degrees: Double) -> (cosine: Double, sine: Double) {
    if degrees == 90 { return (0, 1) }
    let x = degrees * 0.017_453_292_519_943_295
    let square = x * x
    var (cosine, sine, k) = (1.0, 1.0, 22.0)
    while k >= 2 {
      cosine = 1 - cosine * square / (k * (k - 1))
      sine = 1 - sine * square / (k * (k + 1))
      k -= 2
    }
    return (cosine, sine * x)
  }

  /// 1 / (1 + e^-x), without cancellation on either side.
  static func sigmoid(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let e = exp(x)
    return e / (1 + e)
  }

  /// The x with softplus(x) = log(1 + e^x) = y, for y > 0.
  static func inverseSoftplus(_ y: Double) -> Double {
    // log(e^y - 1) = y + log(1 - e^-y), and log y + y / 2 + ... where that would cancel.
    y < 1e-5 ? log(y) + y / 2 : y + log(1 - exp(-y))
  }

  /// 2^exponent, of a normal number.
  private static func power(of2 exponent: Int) -> Double {
    Double(bitPattern: UInt64(exponent + 1023) << 52)
  }
}
