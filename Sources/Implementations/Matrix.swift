//  Products of chunk size: C = A B or C += A B, with B and C in padded rows.
//
//  Every element of C is sum_k A[i,k] B[k,j] with k ascending, one product after the other, whatever the width of
//  the processor's vectors.

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

/// C = A B, or C += A B.
///
/// - Parameters:
///   - rows: rows of A and C, a multiple of 4.
///   - inner: columns of A, rows of B.
///   - lanes: vectors in a row of B and of C.
///   - band: where A may be other than zero.
///   - wanted: which elements of C are formed.
func multiply<R: Real>(
  _ A: Matrix<R>, _ B: Row<R>, to C: MutableRow<R>, rows: Int, inner: Int, lanes: Int, band: Band = .full,
  wanted: Band = .full, adding: Bool = false
) {
  // Two vectors of fp64 by four rows would not stay in the registers of AVX2.
  let isSingle = MemoryLayout<R>.size == 4
  // Four rows by one vector of fp32 would leave half of the adders idle.
  let isTall = isSingle && band == .full && wanted == .full && lanes % 2 == 1
  let tall = isTall ? rows / 8 * 8 : 0
  for i in stride(from: 0, to: rows, by: 4) {
    let range = band.inner(i, of: inner)
    let columns = wanted.lanes(i, of: lanes)
    var j = columns.lowerBound
    while isSingle && j + 2 <= columns.upperBound {
      multiplyBlock(A, B, to: C, row: i, column: j, inner: range, lanes: lanes, adding: adding)
      j += 2
    }
    guard i >= tall else { continue }
    while j < columns.upperBound {
      multiplyColumn(A, B, to: C, row: i, column: j, inner: range, lanes: lanes, adding: adding)
      j += 1
    }
  }
  for i in stride(from: 0, to: tall, by: 8) {
    multiplyTallColumn(A, B, to: C, row: i, column: lanes - 1, inner: 0..<inner, lanes: lanes, adding: adding)
  }
}

/// Four rows by two vectors: eight accumulators stay in registers.
@inline(__always)
private func multiplyBlock<R: Real>(
  _ A: Matrix<R>, _ B: Row<R>, to C: MutableRow<R>, row: Int, column: Int, inner: Range<Int>, lanes: Int,
  adding: Bool
) {
  var c00 = Lane<R>.zero, c01 = Lane<R>.zero, c10 = Lane<R>.zero, c11 = Lane<R>.zero
  var c20 = Lane<R>.zero, c21 = Lane<R>.zero, c30 = Lane<R>.zero, c31 = Lane<R>.zero
  var a = A.base + row * A.rowStride + inner.lowerBound * A.columnStride
  var b = B + inner.lowerBound * lanes + column
  for _ in inner {
    let b0 = b[0]
    let b1 = b[1]
    let a0 = a[0]
    let a1 = a[A.rowStride]
    let a2 = a[2 * A.rowStride]
    let a3 = a[3 * A.rowStride]
    c00 += a0 * b0
    c01 += a0 * b1
    c10 += a1 * b0
    c11 += a1 * b1
    c20 += a2 * b0
    c21 += a2 * b1
    c30 += a3 * b0
    c31 += a3 * b1
    a += A.columnStride
    b += lanes
  }
  let c = C + row * lanes + column
  if adding {
    c[0] += c00
    c[1] += c01
    c[lanes] += c10
    c[lanes + 1] += c11
    c[2 * lanes] += c20
    c[2 * lanes + 1] += c21
    c[3 * lanes] += c30
    c[3 * lanes + 1] += c31
  } else {
    c[0] = c00
    c[1] = c01
    c[lanes] = c10
    c[lanes + 1] = c11
    c[2 * lanes] = c20
    c[2 * lanes + 1] = c21
    c[3 * lanes] = c30
    c[3 * lanes + 1] = c31
  }
}

/// Four rows by one vector.
@inline(__always)
private func multiplyColumn<R: Real>(
  _ A: Matrix<R>, _ B: Row<R>, to C: MutableRow<R>, row: Int, column: Int, inner: Range<Int>, lanes: Int,
  adding: Bool
) {
  var c0 = Lane<R>.zero, c1 = Lane<R>.zero, c2 = Lane<R>.zero, c3 = Lane<R>.zero
  var a = A.base + row * A.rowStride + inner.lowerBound * A.columnStride
  var b = B + inner.lowerBound * lanes + column
  for _ in inner {
    let b0 = b[0]
    c0 += a[0] * b0
    c1 += a[A.rowStride] * b0
    c2 += a[2 * A.rowStride] * b0
    c3 += a[3 * A.rowStride] * b0
    a += A.columnStride
    b += lanes
  }
  store(c0, c1, c2, c3, to: C + row * lanes + column, lanes, adding: adding)
}

/// Eight rows by one vector.
@inline(__always)
private func multiplyTallColumn<R: Real>(
  _ A: Matrix<R>, _ B: Row<R>, to C: MutableRow<R>, row: Int, column: Int, inner: Range<Int>, lanes: Int,
  adding: Bool
) {
  var c0 = Lane<R>.zero, c1 = Lane<R>.zero, c2 = Lane<R>.zero, c3 = Lane<R>.zero
  var c4 = Lane<R>.zero, c5 = Lane<R>.zero, c6 = Lane<R>.zero, c7 = Lane<R>.zero
  var a = A.base + row * A.rowStride + inner.lowerBound * A.columnStride
  var b = B + inner.lowerBound * lanes + column
  for _ in inner {
    let b0 = b[0]
    let lower = a + 4 * A.rowStride
    c0 += a[0] * b0
    c1 += a[A.rowStride] * b0
    c2 += a[2 * A.rowStride] * b0
    c3 += a[3 * A.rowStride] * b0
    c4 += lower[0] * b0
    c5 += lower[A.rowStride] * b0
    c6 += lower[2 * A.rowStride] * b0
    c7 += lower[3 * A.rowStride] * b0
    a += A.columnStride
    b += lanes
  }
  let upper = C + row * lanes + column
  let lower = upper + 4 * lanes
  store(c0, c1, c2, c3, to: upper, lanes, adding: adding)
  store(c4, c5, c6, c7, to: lower, lanes, adding: adding)
}

/// Four rows of one vector each.
@inline(__always)
private func store<R: Real>(
  _ c0: Lane<R>, _ c1: Lane<R>, _ c2: Lane<R>, _ c3: Lane<R>, to c: MutableRow<R>, _ lanes: Int, adding: Bool
) {
  if adding {
    c[0] += c0
    c[lanes] += c1
    c[2 * lanes] += c2
    c[3 * lanes] += c3
  } else {
    c[0] = c0
    c[lanes] = c1
    c[2 * lanes] = c2
    c[3 * lanes] = c3
  }
}
