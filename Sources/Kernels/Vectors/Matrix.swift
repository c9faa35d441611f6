/// A matrix read element by element: A[i, k] = base[i * rowStride + k * columnStride].
struct Matrix<R: Real> {
  let base: UnsafePointer<R>
  let rowStride: Int
  let columnStride: Int

  /// Padded rows of `lanes` vectors.
  init(_ rows: Row<R>, lanes: Int) {
    (base, rowStride, columnStride) = (rows.elements(), lanes * 8, 1)
  }

  private init(base: UnsafePointer<R>, rowStride: Int, columnStride: Int) {
    (self.base, self.rowStride, self.columnStride) = (base, rowStride, columnStride)
  }

  /// One element.
  @inline(__always) subscript(row: Int, column: Int) -> R { base[row * rowStride + column * columnStride] }

  /// What is left from this row and this column on.
  func from(row: Int, column: Int) -> Matrix {
    Matrix(
      base: base + row * rowStride + column * columnStride, rowStride: rowStride, columnStride: columnStride)
  }

  /// Whether these are rows as they lie in memory; the transpose of a lower triangle is upper.
  var isLower: Bool { columnStride == 1 }
  /// The lower triangle, of a triangle or its transpose.
  var lower: Matrix { isLower ? self : transposed }

  /// The transpose, of the same elements.
  var transposed: Matrix { Matrix(base: base, rowStride: columnStride, columnStride: rowStride) }
}

/// Which elements of a matrix count.
enum Band {
  case full
  /// Those with column <= row; of what is above the diagonal some is computed, or read as zero.
  case lower
  /// Those with column >= row.
  case upper

  /// The rows of B that rows i to i + 3 of A meet.
  @inline(__always) func inner(_ i: Int, of count: Int) -> Range<Int> {
    switch self {
    case .full: 0..<count
    case .lower: 0..<min(count, i + 4)
    case .upper: min(i, count)..<count
    }
  }

  /// The vectors of rows i to i + 3 in which anything counts.
  @inline(__always) func lanes(_ i: Int, of count: Int) -> Range<Int> {
    switch self {
    case .full: 0..<count
    case .lower: 0..<min(count, i / 8 + 1)
    case .upper: min(i / 8, count)..<count
    }
  }
}
