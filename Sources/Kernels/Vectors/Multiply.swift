//  Products of chunk size: C = A B or C += A B, with B and C in padded rows.
//
//  Every element of C is sum_k A[i,k] B[k,j] with k ascending, one product after the other, whatever the width of
//  the processor's vectors.

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
  let product = Product(A: A, B: B.elements(), C: C.elements(), width: lanes * 8, adding: adding)
  // Of a band four rows meet less of B than eight.
  let tall = band == .full ? rows / 8 * 8 : 0
  // A strip of B, four lanes wide, stays in the cache while all rows pass over it.
  let strip = 4
  for first in stride(from: 0, to: lanes, by: strip) {
    let columns = first..<min(first + strip, lanes)
    for i in stride(from: 0, to: tall, by: 8) {
      product.formEight(i, wanted.lanes(i, of: lanes).clamped(to: columns), 0..<inner)
    }
    for i in stride(from: tall, to: rows, by: 4) {
      product.formFour(i, wanted.lanes(i, of: lanes).clamped(to: columns), band.inner(i, of: inner))
    }
  }
}

/// A product, block by block.
private struct Product<R: Real> {
  let A: Matrix<R>
  let B: UnsafePointer<R>
  let C: UnsafeMutablePointer<R>
  let width: Int
  let adding: Bool

  /// Eight rows of these lanes.
  @inline(__always) func formEight(_ row: Int, _ lanes: Range<Int>, _ inner: Range<Int>) {
    var rest = lanes.lowerBound * 8..<lanes.upperBound * 8
    #if WIDEST
      form(Eight<Beside<Single<R.Vector>>>.self, row, &rest, inner)
    #else
      // Sixteen sums and what they are made of are more than sixteen registers hold.
      var again = rest
      form(Four<Beside<Single<R.Vector>>>.self, row, &again, inner)
      form(Four<Beside<Single<R.Vector>>>.self, row + 4, &rest, inner)
    #endif
    form(Eight<Single<R.Vector>>.self, row, &rest, inner)
    form(Eight<Single<Lane<R>>>.self, row, &rest, inner)
  }

  /// Four rows of these lanes.
  @inline(__always) func formFour(_ row: Int, _ lanes: Range<Int>, _ inner: Range<Int>) {
    var rest = lanes.lowerBound * 8..<lanes.upperBound * 8
    form(Four<Beside<Single<R.Vector>>>.self, row, &rest, inner)
    form(Four<Single<R.Vector>>.self, row, &rest, inner)
    form(Four<Single<Lane<R>>>.self, row, &rest, inner)
  }

  /// As many blocks from the left as there are columns for, which are taken away.
  @inline(__always)
  private func form<T: Block<R>>(_: T.Type, _ row: Int, _ columns: inout Range<Int>, _ inner: Range<Int>) {
    while columns.count >= T.columns {
      form(T.self, row, columns.lowerBound, inner)
      columns = columns.lowerBound + T.columns..<columns.upperBound
    }
  }

  @inline(__always)
  private func form<T: Block<R>>(_: T.Type, _ row: Int, _ column: Int, _ inner: Range<Int>) {
    var block = T()
    var a = A.base + row * A.rowStride + inner.lowerBound * A.columnStride
    var b = B + inner.lowerBound * width + column
    for _ in inner {
      block.add(a, A.rowStride, b)
      a += A.columnStride
      b += width
    }
    block.store(to: C + row * width + column, width, adding: adding)
  }
}
