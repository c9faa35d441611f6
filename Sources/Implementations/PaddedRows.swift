import GatedDeltaRule

/// A tensor as rows of `width` elements padded with zeros; rows that are not kept, and an absent tensor, are zero.
///
/// - Parameters:
///   - groups: how many times `rows` rows there are.
///   - kept: a flag for each group; nil keeps all.
func padded<R: Real>(
  _ tensor: Tensor?, groups: Int = 1, rows: Int, width: Int, kept: UnsafePointer<Bool>? = nil, arena: Arena
) -> MutableRow<R> {
  let stride = lanes(width)
  guard let tensor else { return arena.allocate(groups * rows * stride, filledWith: .zero) }
  let result: MutableRow<R> = arena.allocate(groups * rows * stride)
  tensor.values.withUnsafeBufferPointer { values in
    let source = PackedRows(values, width: width)
    for group in 0..<groups {
      let target = result + group * rows * stride
      guard kept?[group] ?? true else {
        target.update(repeating: .zero, count: rows * stride)
        continue
      }
      if source.isWhole {
        for j in 0..<rows * stride { target[j] = R.rounded(source.vector(group * rows * stride + j)) }
        continue
      }
      for row in 0..<rows {
        for j in 0..<stride { target[row * stride + j] = R.rounded(source.vector(group * rows + row, j)) }
      }
    }
  }
  return result
}

/// Rows of doubles one behind the other, read eight at a time.
private struct PackedRows {
  private let values: UnsafeBufferPointer<Double>
  private let width: Int
  /// All bits of the elements that the last vector of a row has.
  private let last: SIMD8<UInt64>

  init(_ values: UnsafeBufferPointer<Double>, width: Int) {
    (self.values, self.width) = (values, width)
    var mask = SIMD8<UInt64>.zero
    for lane in 0..<(width - 1) % 8 + 1 { mask[lane] = .max }
    last = mask
  }

  /// Whether the rows need no padding, and are one long one.
  var isWhole: Bool { width % 8 == 0 }

  /// Vector `j` of all rows, where they need no padding.
  @inline(__always) func vector(_ j: Int) -> SIMD8<Double> {
    UnsafeRawPointer(values.baseAddress! + j * 8).loadUnaligned(as: SIMD8<Double>.self)
  }

  /// Vector `j` of a row; what follows the row is cut off bit by bit, even if it is a NaN.
  @inline(__always) func vector(_ row: Int, _ j: Int) -> SIMD8<Double> {
    let first = row * width + j * 8
    let isWhole = (j + 1) * 8 <= width
    guard first + 8 <= values.count else {
      var vector = SIMD8<Double>.zero
      for lane in 0..<min(8, width - j * 8) { vector[lane] = values[first + lane] }
      return vector
    }
    let vector = UnsafeRawPointer(values.baseAddress! + first).loadUnaligned(as: SIMD8<Double>.self)
    return isWhole
      ? vector : unsafeBitCast(unsafeBitCast(vector, to: SIMD8<UInt64>.self) & last, to: SIMD8<Double>.self)
  }
}

/// Padded rows as a tensor.
func tensor<R: Real>(_ rows: MutableRow<R>, shape: [Int]) -> Tensor {
  let width = shape.last ?? 1
  let stride = lanes(width)
  let count = shape.reduce(1, *)
  let values = [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
    initialized = count
    if width % 8 == 0 {
      let target = UnsafeMutableRawPointer(buffer.baseAddress)
      for j in 0..<count / 8 {
        target?.storeBytes(of: R.double(rows[j]), toByteOffset: j * 64, as: SIMD8<Double>.self)
      }
      return
    }
    for row in 0..<(width == 0 ? 0 : count / width) {
      let target = UnsafeMutableRawPointer(buffer.baseAddress! + row * width)
      for j in 0..<stride {
        let vector = R.double(rows[row * stride + j])
        // What goes past the end of a row is written over by the next one.
        if row * width + j * 8 + 8 <= count {
          target.storeBytes(of: vector, toByteOffset: j * 64, as: SIMD8<Double>.self)
        } else {
          for lane in 0..<min(8, width - j * 8) { buffer[row * width + j * 8 + lane] = vector[lane] }
        }
      }
    }
  }
  return Tensor(shape: shape, precision: R.precision, values: values)
}
