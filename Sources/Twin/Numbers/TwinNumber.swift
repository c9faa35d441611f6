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
  /// For fp32, which they are numbers of already, to a neighbour now and then, as an operation rounds. To the nearest,
  /// where the dice are not to be asked.
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
    let memory = UnsafeMutableRawPointer(x)
    if dice.isNearest { return toNearest(memory, count, format) }
    switch format {
    case .fp32: move(memory, count, &dice)
    case .tf32: cut(memory, count, below: 0x1FFF, &dice)
    case .bf16: cut(memory, count, below: 0xFFFF, &dice)
    case .fp16: cutToHalf(memory, count, &dice)
    }
  }

  /// About a unit of the last place up or down, one time in 32 each: a variance of a sixth of its square, which is what
  /// rounding at random has. Zero, inf and NaN stay.
  private static func move(_ memory: UnsafeMutableRawPointer, _ count: Int, _ dice: inout Dice) {
    var random = dice
    for offset in stride(from: 0, to: count * 4, by: 32) {
      let up = random.next()
      let down = up &>> 1
      let isUp = up & (up &>> 6) & (up &>> 12) & (up &>> 18) & (up &>> 24) & 1
      let isDown = down & (down &>> 6) & (down &>> 12) & (down &>> 18) & (down &>> 24) & 1
      let step = SIMD8<Float>(SIMD8<Int32>(truncatingIfNeeded: isUp &- isDown))
      let lanes = memory.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
      memory.storeBytes(of: lanes * (step * 0x1p-23 + 1), toByteOffset: offset, as: SIMD8<Float>.self)
    }
    dice = random
  }

  /// Random bits below what a format holds are added, and all below it cut off: the magnitude grows as often as what is
  /// cut off says.
  private static func cut(
    _ memory: UnsafeMutableRawPointer, _ count: Int, below: UInt32, _ dice: inout Dice
  ) {
    var random = dice
    let (rest, kept) = (SIMD8<UInt32>(repeating: below), SIMD8<UInt32>(repeating: ~below))
    for offset in stride(from: 0, to: count * 4, by: 32) {
      let bits = memory.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt32>.self)
      memory.storeBytes(
        of: (bits &+ (random.next() & rest)) & kept, toByteOffset: offset, as: SIMD8<UInt32>.self)
    }
    dice = random
  }

  /// To fp16: its subnormals are multiples of 2^-24, and from 2^16 on there is only infinity. Without a comparison of
  /// vectors, which would be made lane by lane.
  private static func cutToHalf(_ memory: UnsafeMutableRawPointer, _ count: Int, _ dice: inout Dice) {
    var random = dice
    for offset in stride(from: 0, to: count * 4, by: 32) {
      let bits = memory.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt32>.self)
      let draw = random.next()
      let (sign, magnitude) = (bits & 0x8000_0000, bits & 0x7FFF_FFFF)
      let normal = (magnitude &+ (draw & 0x1FFF)) & 0xFFFF_E000
      let isSmall = sign32(magnitude &- 0x3880_0000)  // below 2^-14
      let isLarge = sign32(0x477F_FFFF &- normal)
      let isNaN = sign32(0x7F80_0000 &- magnitude)
      // Half a unit less and rounded to an integer, which adding and subtracting 1.5 2^23 does, is the integer below.
      let uniform = SIMD8<Float>(SIMD8<Int32>(truncatingIfNeeded: draw &>> 8)) * 0x1p-24 - (0.5 - 0x1p-25)
      let small = unsafeBitCast(magnitude & isSmall, to: SIMD8<Float>.self) * 0x1p24 + uniform
      let whole = unsafeBitCast(((small + 0x1.8p23) - 0x1.8p23) * 0x1p-24, to: SIMD8<UInt32>.self)
      let result = (whole & isSmall) | (((normal & ~isLarge) | (isLarge & 0x7F80_0000) | isNaN) & ~isSmall)
      memory.storeBytes(of: sign | result, toByteOffset: offset, as: SIMD8<UInt32>.self)
    }
    dice = random
  }

  private static func toNearest(_ memory: UnsafeMutableRawPointer, _ count: Int, _ format: ProductFormat) {
    switch format {
    case .fp32: break
    case .tf32: cutToNearest(memory, count, bits: 13)
    case .bf16: cutToNearest(memory, count, bits: 16)
    case .fp16:
      for offset in stride(from: 0, to: count * 4, by: 4) {
        let x = memory.loadUnaligned(fromByteOffset: offset, as: Float.self)
        memory.storeBytes(of: Float(Precision.fp16.round(Double(x))), toByteOffset: offset, as: Float.self)
      }
    }
  }

  /// Half a unit of what is kept, or a little less where that ends in 0, is added, and all below it cut off. The NaN of
  /// an operation stays one.
  private static func cutToNearest(_ memory: UnsafeMutableRawPointer, _ count: Int, bits: UInt32) {
    let half = SIMD8<UInt32>(repeating: (1 << (bits - 1)) - 1)
    let kept = SIMD8<UInt32>(repeating: ~((1 << bits) - 1))
    for offset in stride(from: 0, to: count * 4, by: 32) {
      let number = memory.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt32>.self)
      let odd = (number &>> SIMD8(repeating: bits)) & 1
      memory.storeBytes(of: (number &+ half &+ odd) & kept, toByteOffset: offset, as: SIMD8<UInt32>.self)
    }
  }

  /// All bits where the first is set, none elsewhere.
  @inline(__always) private static func sign32(_ bits: SIMD8<UInt32>) -> SIMD8<UInt32> {
    SIMD8<UInt32>(truncatingIfNeeded: SIMD8<Int32>(truncatingIfNeeded: bits) &>> 31)
  }
}
