//  Sums of products in fp32, from the addend on, in the order of the inner index. Operands are rounded already. What is
//  zero because a matrix is triangular is left out: as long as the operands are finite, it would add nothing.

/// Rows that follow each other at this distance.
struct Rows {
  let start: UnsafeMutablePointer<Float>
  let stride: Int

  /// The part that begins in this row and column.
  func from(row: Int, column: Int) -> Rows { Rows(start: start + row * stride + column, stride: stride) }

  @inline(__always)
  subscript(row: Int) -> UnsafeMutablePointer<Float> { start + row * stride }
}

enum Products {
  /// y += a x.
  @inline(__always)
  static func add(_ a: Float, _ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
    for c in 0..<count { y[c] += a * x[c] }
  }

  /// C += A B, A of `rows` x `inner`, B and C of `columns`.
  static func add(_ A: Rows, _ B: Rows, to C: Rows, rows: Int, inner: Int, columns: Int) {
    for i in 0..<rows {
      let (a, c) = (A[i], C[i])
      for j in 0..<inner { add(a[j], B[j], to: c, count: columns) }
    }
  }

  /// C += A B, A strictly lower triangular of `size` rows, B and C of `columns`.
  static func addStrict(_ A: Rows, _ B: Rows, to C: Rows, size: Int, columns: Int) {
    for i in 1..<max(size, 1) {
      let (a, c) = (A[i], C[i])
      for j in 0..<i { add(a[j], B[j], to: c, count: columns) }
    }
  }

  /// C += A B, A lower triangular of `size` rows with its diagonal, B and C of `columns`.
  static func addLower(_ A: Rows, _ B: Rows, to C: Rows, size: Int, columns: Int) {
    for i in 0..<size {
      let (a, c) = (A[i], C[i])
      for j in 0...i { add(a[j], B[j], to: c, count: columns) }
    }
  }

  /// C += A B, all three lower triangular of `size` rows.
  static func addTriangles(_ A: Rows, _ B: Rows, to C: Rows, size: Int) {
    for i in 0..<size {
      let (a, c) = (A[i], C[i])
      for j in 0...i { add(a[j], B[j], to: c, count: j + 1) }
    }
  }
}
