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
    arena.parts.forEach(groups, bytes: rows * width * 8) { groups in
      for group in groups {
        let target = result + group * rows * stride
        if kept?[group] ?? true {
          source.load(group * rows..<(group + 1) * rows, to: target)
        } else {
          target.update(repeating: .zero, count: rows * stride)
        }
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

  /// These rows, padded.
  @inline(__always) func load<R: Real>(_ rows: Range<Int>, to target: MutableRow<R>) {
    let stride = lanes(width)
    // Rows that need no padding are one long one.
    if width % 8 == 0 {
      let source = UnsafeRawPointer(values.baseAddress! + rows.lowerBound * width)
      for j in 0..<rows.count * stride {
        target[j] = R.rounded(source.loadUnaligned(fromByteOffset: j * 64, as: SIMD8<Double>.self))
      }
    } else {
      for row in rows {
        let place = target + (row - rows.lowerBound) * stride
        for j in 0..<stride { place[j] = R.rounded(vector(row, j)) }
      }
    }
  }

  /// Vector `j` of a row; what follows the row is cut off bit by bit, even if it is a NaN.
  @inline(__always) private func vector(_ row: Int, _ j: Int) -> SIMD8<Double> {
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
func unpadded<R: Real>(_ rows: MutableRow<R>, shape: [Int], _ parts: Parts) -> Tensor {
  let width = shape.last ?? 1
  let count = shape.reduce(1, *)
  let values = [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
    let target = PackedTarget(elements: UnsafeMutableBufferPointer(rebasing: buffer[..<count]), width: width)
    parts.forEach(width == 0 ? 0 : count / width, bytes: width * 8) { target.store(rows, $0) }
    initialized = count
  }
  return Tensor(shape: shape, precision: R.precision, values: values)
}

/// Rows of doubles one behind the other, written eight at a time.
private struct PackedTarget {
  let elements: UnsafeMutableBufferPointer<Double>
  let width: Int

  /// These rows of padded ones.
  @inline(__always) func store<R: Real>(_ source: MutableRow<R>, _ rows: Range<Int>) {
    guard let base = elements.baseAddress else { return }
    let stride = lanes(width)
    if width % 8 == 0 {
      for j in rows.lowerBound * stride..<rows.upperBound * stride {
        UnsafeMutableRawPointer(base + j * 8).storeBytes(of: R.double(source[j]), as: SIMD8<Double>.self)
      }
      return
    }
    for row in rows {
      for j in 0..<stride { store(R.double(source[row * stride + j]), row, j, endingAt: rows.upperBound) }
    }
  }

  /// Vector `j` of a row. What goes past the end of a row is written over by the next one, where there is one.
  @inline(__always)
  private func store(_ vector: SIMD8<Double>, _ row: Int, _ j: Int, endingAt end: Int) {
    let place = elements.baseAddress! + row * width + j * 8
    if row * width + j * 8 + 8 <= end * width {
      UnsafeMutableRawPointer(place).storeBytes(of: vector, as: SIMD8<Double>.self)
    } else {
      for lane in 0..<min(8, width - j * 8) { place[lane] = vector[lane] }
    }
  }
}
