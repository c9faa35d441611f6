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

  /// Whether it has fewer bits than fp32.
  package var isCoarse: Bool { unitRoundoff > Precision.fp32.unitRoundoff }

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
