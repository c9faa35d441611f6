import GatedDeltaRule

/// Named tensors and a few strings: the content of a safetensors file, or of one message over a pipe.
///
///     8 bytes   length N of the header, little endian
///     N bytes   JSON: {"__metadata__": {key: text}, name: {"dtype", "shape", "data_offsets"}, ...}
///     the rest  raw little-endian values, every byte of it claimed by exactly one tensor
public struct Frame: Hashable, Sendable {
  /// What one name stands for.
  public enum Entry: Hashable, Sendable {
    /// F64, F32, BF16 or F16.
    case numbers(Tensor)
    /// BOOL, or U8 that holds nothing but 0 and 1.
    case flags(Flags)
  }

  /// The tensors, by name.
  public var entries: [String: Entry]
  /// `__metadata__`.
  public var metadata: [String: String]

  /// From its parts.
  public init(entries: [String: Entry] = [:], metadata: [String: String] = [:]) {
    (self.entries, self.metadata) = (entries, metadata)
  }
}

/// A dense row-major array of yes and no.
public struct Flags: Hashable, Sendable {
  /// Sizes, outermost first.
  public let shape: [Int]
  /// The elements, row major.
  public let values: [Bool]

  /// - Precondition: `values.count` is the product of `shape`.
  public init(shape: [Int], values: [Bool]) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) flags do not fill the shape \(shape)")
    (self.shape, self.values) = (shape, values)
  }
}

extension Frame.Entry {
  /// Sizes, outermost first.
  public var shape: [Int] {
    switch self {
    case .numbers(let tensor): tensor.shape
    case .flags(let flags): flags.shape
    }
  }

  /// The type it is written as.
  public var type: ElementType {
    switch self {
    case .numbers(let tensor): ElementType(tensor.precision)
    case .flags: .BOOL
    }
  }
}

/// The element types a frame may hold, by their safetensors names.
public enum ElementType: String, Hashable, Sendable, CaseIterable {
  case F64
  case F32
  case BF16
  case F16
  case BOOL
  case U8

  /// The type that numbers of this precision are stored as.
  public init(_ precision: Precision) {
    switch precision {
    case .fp64: self = .F64
    case .fp32: self = .F32
    case .bf16: self = .BF16
    case .fp16: self = .F16
    }
  }

  /// The precision of numbers of this type, or nil for flags.
  public var precision: Precision? {
    switch self {
    case .F64: .fp64
    case .F32: .fp32
    case .BF16: .bf16
    case .F16: .fp16
    case .BOOL, .U8: nil
    }
  }

  /// Bytes of one element.
  public var byteCount: Int { precision?.byteCount ?? 1 }
}
