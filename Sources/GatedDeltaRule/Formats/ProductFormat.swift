/// A format that the operands of a matrix product are rounded to.
public enum ProductFormat: String, Hashable, Sendable, CaseIterable {
  case fp32
  /// What tensor cores make of fp32: its range, the fraction of fp16.
  case tf32
  case bf16
  case fp16

  /// That of inputs in this format.
  public init(_ precision: Precision) {
    switch precision {
    case .fp64, .fp32: self = .fp32
    case .bf16: self = .bf16
    case .fp16: self = .fp16
    }
  }

  /// u, the largest relative error of one rounding to nearest in the normal range.
  public var unitRoundoff: Double {
    switch self {
    case .fp32: Precision.fp32.unitRoundoff
    case .tf32, .fp16: Precision.fp16.unitRoundoff
    case .bf16: Precision.bf16.unitRoundoff
    }
  }

  /// The largest absolute error of one rounding in the subnormal range, where it is more than an accelerator that
  /// flushes fp32 loses.
  public var underflow: Double { self == .fp16 ? Precision.fp16.underflow : 0 }
}
