import GatedDeltaRule
import Machine

/// What the twin computes in: Float, with roundings placed at random, or Double, which shows that the forms are the rule.
protocol TwinNumber: FloatingPoint, Codable, SIMDScalar {
  /// The nearest to this one.
  init(_ x: Double)
  /// As a Double.
  var double: Double { get }
  /// e^x.
  static func exponential(_ x: Self) -> Self
  /// Moves each of these numbers, a multiple of eight, to one of its two neighbours in a format, so that the mean stays.
  /// For fp32, which they are numbers of already, to a neighbour as often as an operation rounds that far.
  static func scatter(
    _ x: UnsafeMutablePointer<Self>, _ count: Int, to format: ProductFormat, _ dice: inout Dice)
}

extension Double: TwinNumber {
  var double: Double { self }
  static func exponential(_ x: Double) -> Double { Machine.exp(x) }
  static func scatter(
    _ x: UnsafeMutablePointer<Double>, _ count: Int, to format: ProductFormat, _ dice: inout Dice
  ) {}
}

extension Float: TwinNumber {
  var double: Double { Double(self) }
  static func exponential(_ x: Float) -> Float { Machine.exp(x) }

  static func scatter(
    _ x: UnsafeMutablePointer<Float>, _ count: Int, to format: ProductFormat, _ dice: inout Dice
  ) {
    switch format {
    case .fp32: Float.each(x, count) { Float.moved($0, dice.next()) }
    case .tf32: Float.each(x, count) { ($0 &+ dice.next() & 0x1FFF) & 0xFFFF_E000 }
    case .bf16: Float.each(x, count) { ($0 &+ dice.next() & 0xFFFF) & 0xFFFF_0000 }
    case .fp16: Float.each(x, count) { Float.halved($0, dice.next()) }
    }
  }

  @inline(__always) private static func each(
    _ x: UnsafeMutablePointer<Float>, _ count: Int, _ body: (SIMD8<UInt32>) -> SIMD8<UInt32>
  ) {
    let raw = UnsafeMutableRawPointer(x)
    for offset in stride(from: 0, to: count * 4, by: 32) {
      let bits = raw.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt32>.self)
      raw.storeBytes(of: body(bits), toByteOffset: offset, as: SIMD8<UInt32>.self)
    }
  }

  /// A unit of the last place up or down, one time in sixteen each: a variance of an eighth of its square, where rounding
  /// at random has a sixth and the operation itself has left a twelfth. Zero, inf and NaN stay.
  @inline(__always) private static func moved(_ bits: SIMD8<UInt32>, _ random: SIMD8<UInt32>) -> SIMD8<UInt32>
  {
    let draw = random &>> 28
    let magnitude = bits & 0x7FFF_FFFF
    var step = SIMD8<UInt32>.zero
    step.replace(with: 1, where: draw .== 0)
    step.replace(with: 0xFFFF_FFFF, where: draw .== 1)
    step.replace(with: 0, where: (magnitude .== 0) .| (magnitude .>= 0x7F80_0000))
    return bits &+ step
  }

  /// To fp16: its subnormals are multiples of 2^-24, and from 2^16 on there is only infinity.
  @inline(__always) private static func halved(_ bits: SIMD8<UInt32>, _ random: SIMD8<UInt32>) -> SIMD8<
    UInt32
  > {
    let sign = bits & 0x8000_0000
    let magnitude = bits & 0x7FFF_FFFF
    var result = (magnitude &+ random & 0x1FFF) & 0xFFFF_E000
    result.replace(with: 0x7F80_0000, where: (result .>= 0x4780_0000) .& (magnitude .<= 0x7F80_0000))
    let isSmall = magnitude .< 0x3880_0000  // 2^-14
    if any(isSmall) {
      let uniform = SIMD8<Float>(SIMD8<Int32>(truncatingIfNeeded: random &>> 8)) * 0x1p-24
      let small = unsafeBitCast(magnitude.replacing(with: 0, where: .!isSmall), to: SIMD8<Float>.self)
      // Adding and subtracting 2^23 rounds to an integer; half a unit less makes of that the integer below.
      let shifted = small * 0x1p24 + uniform
      var whole = (shifted + 0x1p23) - 0x1p23
      whole.replace(with: whole - 1, where: whole .> shifted)
      result.replace(with: unsafeBitCast(whole * 0x1p-24, to: SIMD8<UInt32>.self), where: isSmall)
    }
    return sign | result
  }
}
