import GatedDeltaRule

/// A floating-point type the kernels run in: fp32 as users run them, fp64 from the same source for the judge.
///
/// Results must be the same bits on every processor, so a kernel uses only + - * / and the elementary functions
/// below, which are made of those.
protocol Real: FloatingPoint, SIMDScalar, Codable, Sendable {
  /// The nearest number.
  init(_ x: Double)
  /// The same number, or the nearest one.
  var double: Double { get }
  /// What products hold in one register, or where there are 32 short ones, in two.
  associatedtype Vector: SIMD where Vector.Scalar == Self
  /// The format results are stored in.
  static var precision: Precision { get }
  /// The nearest numbers.
  static func rounded(_ x: SIMD8<Double>) -> SIMD8<Self>
  /// The same numbers, or the nearest ones.
  static func double(_ x: SIMD8<Self>) -> SIMD8<Double>
}

extension Float: Real {
  #if WIDEST
    typealias Vector = SIMD16<Float>
  #elseif WIDE || arch(arm64)
    typealias Vector = SIMD8<Float>
  #else
    typealias Vector = SIMD4<Float>
  #endif
  var double: Double { Double(self) }
  static var precision: Precision { .fp32 }
  @inline(__always) static func rounded(_ x: SIMD8<Double>) -> SIMD8<Float> { SIMD8<Float>(x) }
  @inline(__always) static func double(_ x: SIMD8<Float>) -> SIMD8<Double> { SIMD8<Double>(x) }
}

extension Double: Real {
  #if WIDEST
    typealias Vector = SIMD8<Double>
  #elseif WIDE || arch(arm64)
    typealias Vector = SIMD4<Double>
  #else
    typealias Vector = SIMD2<Double>
  #endif
  var double: Double { self }
  static var precision: Precision { .fp64 }
  @inline(__always) static func rounded(_ x: SIMD8<Double>) -> SIMD8<Double> { x }
  @inline(__always) static func double(_ x: SIMD8<Double>) -> SIMD8<Double> { x }
}

extension Real {
  /// e^x, rounded once from the fp64 value.
  static func exp(_ x: Self) -> Self { Self(Elementary.exp(x.double)) }
  /// The same of eight numbers.
  @inline(__always) static func exp(_ x: SIMD8<Self>) -> SIMD8<Self> { rounded(Elementary.exp(double(x))) }
  /// The natural logarithm, rounded once from the fp64 value.
  static func log(_ x: Self) -> Self { Self(Elementary.log(x.double)) }
  /// log(1 + e^x) of eight numbers, rounded once from the fp64 values.
  @inline(__always) static func softplus(_ x: SIMD8<Self>) -> SIMD8<Self> {
    rounded(Elementary.softplus(double(x)))
  }
  /// 1 / (1 + e^-x) of eight numbers, rounded once from the fp64 values.
  @inline(__always) static func sigmoid(_ x: SIMD8<Self>) -> SIMD8<Self> {
    rounded(Elementary.sigmoid(double(x)))
  }
}
