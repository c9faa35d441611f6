/// A dense row-major array of real numbers, and the format they were stored in.
///
/// The values are held as doubles, which represent every fp32, bf16 and fp16 number exactly.
public struct Tensor: Hashable, Sendable {
  /// Sizes, outermost first.
  public let shape: [Int]
  /// The format every value is a number of.
  public let precision: Precision
  @usableFromInline var storage: [Double]

  /// The elements, row major. Each may be changed in place; there are always as many as the shape says.
  ///
  /// - Precondition: what is assigned has as many.
  @inlinable public var values: [Double] {
    get { storage }
    set {
      precondition(newValue.count == storage.count, "\(newValue.count) values do not fill the shape \(shape)")
      storage = newValue
    }
    _modify {
      let count = storage.count
      defer { precondition(storage.count == count, "\(storage.count) values do not fill the shape \(shape)") }
      yield &storage
    }
  }

  /// - Precondition: `values.count` is the product of `shape`.
  public init(shape: [Int], precision: Precision = .fp32, values: [Double]) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values do not fill the shape \(shape)")
    (self.shape, self.precision, storage) = (shape, precision, values)
  }

  /// A tensor of one value.
  public init(shape: [Int], precision: Precision = .fp32, repeating value: Double = 0) {
    self.init(
      shape: shape, precision: precision, values: [Double](repeating: value, count: shape.reduce(1, *)))
  }

  /// The product of a shape, or nil where it does not fit an `Int`.
  public static func count(of shape: [Int]) -> Int? {
    var product = 1
    for size in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      guard !overflow, size >= 0 else { return nil }
      product = next
    }
    return product
  }

  /// Whether the other holds the same bits in the same format; a NaN is equal to itself.
  package func hasBits(of other: Tensor) -> Bool {
    guard shape == other.shape, precision == other.precision else { return false }
    return values.withUnsafeBufferPointer { one in
      other.values.withUnsafeBufferPointer { other in
        one.baseAddress == other.baseAddress
          || one.indices.allSatisfy { one[$0].bitPattern == other[$0].bitPattern }
      }
    }
  }

  /// The same values rounded to another format.
  public func rounded(to precision: Precision) -> Tensor {
    Tensor(shape: shape, precision: precision, values: values.map(precision.round))
  }

  /// Whether every value is a number, and none infinite.
  public var isFinite: Bool {
    values.withUnsafeBufferPointer { values in
      let whole = values.count & ~3
      // Zero times an inf or a NaN is a NaN, and stays one in the sum.
      var sum = SIMD4<Double>.zero
      let raw = UnsafeRawBufferPointer(values)
      for i in stride(from: 0, to: whole, by: 4) {
        sum += raw.loadUnaligned(fromByteOffset: i * 8, as: SIMD4<Double>.self) * 0
      }
      return sum == .zero && values[whole...].allSatisfy(\.isFinite)
    }
  }

  /// The largest magnitude; NaN if any value is.
  public var largestMagnitude: Double {
    var largest = 0.0
    for value in values {
      guard value.magnitude <= largest else {
        largest = value.magnitude
        if value.isNaN { return .nan }
        continue
      }
    }
    return largest
  }
}
