//  The powers that doubling applies: P, P^2, P^4, ... of every diagonal block of a strictly triangular A, until
//  A^(2^s) = 0. They belong to A: all right-hand sides share them, and so does the transposed system.

/// Powers of the diagonal blocks of one system.
struct NilpotentPowers<R: Real> {
  private let block: Int
  /// Vectors in a row of a block.
  private let width: Int
  /// Powers of a whole block.
  private let most: Int
  private let storage: MutableRow<R>  // [blocks, most, 8 width, width]

  /// For systems of up to `size` rows.
  init(block: Int, size: Int, arena: Arena) {
    self.block = block
    width = lanes(min(block, size))
    most = NilpotentPowers.count(rows: min(block, size))
    storage = arena.allocate((size + block - 1) / block * most * 8 * width * width)
  }

  /// How many powers of a block of so many rows are not zero for certain: ceil(log2 rows).
  static func count(rows: Int) -> Int {
    rows > 1 ? Int.bitWidth - (rows - 1).leadingZeroBitCount : 0
  }

  /// Those of a lower triangular A of `size` rows.
  func form(_ A: Matrix<R>, size: Int) {
    for first in stride(from: 0, to: size, by: block) {
      let rows = min(block, size - first)
      for step in 0..<NilpotentPowers.count(rows: rows) {
        if step == 0 {
          load(A.from(row: first, column: first), rows: rows, to: place(first, 0))
        } else {
          square(place(first, step - 1), rows: rows, to: place(first, step))
        }
      }
    }
  }

  /// P^(2^step) of the block that starts at row `first`.
  func power(_ first: Int, _ step: Int) -> Matrix<R> { Matrix(Row(place(first, step)), lanes: width) }

  private func place(_ first: Int, _ step: Int) -> MutableRow<R> {
    storage + (first / block * most + step) * 8 * width * width
  }

  private func load(_ A: Matrix<R>, rows: Int, to P: MutableRow<R>) {
    let size = width * 8
    P.update(repeating: .zero, count: size * width)
    let elements: UnsafeMutablePointer<R> = P.elements()
    for i in 1..<max(rows, 1) {
      for j in 0..<i { elements[i * size + j] = A[i, j] }
    }
  }

  private func square(_ P: MutableRow<R>, rows: Int, to result: MutableRow<R>) {
    let size = (rows + 3) / 4 * 4
    result.update(repeating: .zero, count: width * 8 * width)
    multiply(
      Matrix(Row(P), lanes: width), Row(P), to: result, rows: size, inner: size, lanes: width, band: .lower,
      wanted: .lower)
  }
}
