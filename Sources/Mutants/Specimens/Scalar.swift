import Foundation
import GatedDeltaRule

/// The arithmetic of a specimen: Float as a kernel's users run it, Double from the same source for the judge.
protocol Scalar: BinaryFloatingPoint, Sendable {
  static func exp(_ x: Self) -> Self
  static func log(_ x: Self) -> Self
  static func log1p(_ x: Self) -> Self
  /// The format results are stored in.
  static var precision: Precision { get }
}

extension Float: Scalar {
  static func exp(_ x: Float) -> Float { Foundation.exp(x) }
  static func log(_ x: Float) -> Float { Foundation.log(x) }
  static func log1p(_ x: Float) -> Float { Foundation.log1p(x) }
  static var precision: Precision { .fp32 }
}

extension Double: Scalar {
  static func exp(_ x: Double) -> Double { Foundation.exp(x) }
  static func log(_ x: Double) -> Double { Foundation.log(x) }
  static func log1p(_ x: Double) -> Double { Foundation.log1p(x) }
  static var precision: Precision { .fp64 }
}

extension Scalar {
  /// log(1 + e^x) without overflow.
  static func softplus(_ x: Self) -> Self { max(x, 0) + log1p(exp(-x.magnitude)) }

  /// 1 / (1 + e^-x) without overflow.
  static func sigmoid(_ x: Self) -> Self {
    let e = exp(-x.magnitude)
    return x < 0 ? e / (1 + e) : 1 / (1 + e)
  }

  /// The nearest number of a coarser format.
  func rounded(to precision: Precision) -> Self { Self(precision.round(Double(self))) }

  /// Cut to the ten bits of fraction that a tensor core keeps of an fp32.
  var asTensorCoreOperand: Self {
    let single = Float(self)
    guard single.isFinite else { return self }
    return Self(Float(bitPattern: (single.bitPattern &+ 0x1000) & 0xFFFF_E000))
  }
}
