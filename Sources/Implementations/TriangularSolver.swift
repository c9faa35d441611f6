/// Solves systems of up to `size` rows in place.
struct TriangularSolver<R: Real> {
  let method: Solve
  /// Vectors in a row of a block.
  let blockLanes: Int
  let x: MutableRow<R>, product: MutableRow<R>  // [block, columns]
  let power: MutableRow<R>, square: MutableRow<R>  // [block, block]
  let inverse: MutableRow<R>  // [block, block]

  /// - Parameter columns: the most vectors a row of X may have.
  init(_ method: Solve, size: Int, columns: Int, arena: Arena) {
    self.method = method
    blockLanes = lanes(min(method.block(size: size), size))
    let square = blockLanes * 8 * blockLanes
    let appliesInverse = ![.substitution, .doubling].contains(method.method)
    x = arena.allocate(blockLanes * 8 * columns)
    product = arena.allocate(blockLanes * 8 * columns)
    power = arena.allocate(square)
    self.square = arena.allocate(square)
    inverse = arena.allocate(appliesInverse ? square : 0)
  }

  /// The solver reads up to this many rows past the end of A, for products that it throws away.
  static var overhang: Int { 4 }

  /// X := (I - A)^-1 X.
  ///
  /// - Parameters:
  ///   - A: `size` padded rows, strictly lower triangular.
  ///   - X: `size` rows of `columns` vectors.
  func solve(_ A: Row<R>, size: Int, X: MutableRow<R>, columns: Int) {
    let A = Matrix(A, lanes: lanes(size))
    let block = method.block(size: size)
    for first in stride(from: 0, to: size, by: block) {
      let rows = min(block, size - first)
      let known = Known(A: A.from(row: first, column: 0), X: Row(X), count: first)
      solveBlock(A.from(row: first, column: first), known, X + first * columns, rows: rows, columns: columns)
    }
  }

  /// X := (I - A)^-T X.
  func solveTransposed(_ A: Row<R>, size: Int, X: MutableRow<R>, columns: Int) {
    let A = Matrix(A, lanes: lanes(size))
    let block = method.block(size: size)
    let last = (size - 1) / block * block
    for first in stride(from: last, through: 0, by: -block) {
      let rows = min(block, size - first)
      let end = first + rows
      let known = Known(
        A: A.from(row: end, column: first).transposed, X: Row(X + end * columns), count: size - end)
      solveBlock(
        A.from(row: first, column: first).transposed, known, X + first * columns, rows: rows, columns: columns
      )
    }
  }

  /// Rows of X that are solved already, and the part of A that brings them in.
  private struct Known {
    let A: Matrix<R>
    let X: Row<R>
    let count: Int
  }

  private func solveBlock(_ A: Matrix<R>, _ known: Known, _ X: MutableRow<R>, rows: Int, columns: Int) {
    x.update(repeating: .zero, count: blockLanes * 8 * columns)
    x.update(from: X, count: rows * columns)
    if known.count > 0 {
      multiply(known.A, known.X, to: product, rows: (rows + 3) / 4 * 4, inner: known.count, lanes: columns)
      for j in 0..<rows * columns { x[j] += product[j] }
    }
    switch method.method {
    case .substitution: substitute(A, rows: rows, columns: columns)
    case .doubling: double(A, rows: rows, columns: columns)
    case .inverseByDoubling:
      formInverseByDoubling(A.lower, rows: rows)
      applyInverse(isTransposed: !A.isLower, rows: rows, columns: columns)
    case .recursiveInverse, .mergedInverse:
      formInverseByHalves(A.lower, rows: rows)
      applyInverse(isTransposed: !A.isLower, rows: rows, columns: columns)
    }
    X.update(from: x, count: rows * columns)
  }

  /// x_i += sum A_ij x_j, in the direction in which A is triangular. A column's sum stays in a register.
  private func substitute(_ A: Matrix<R>, rows: Int, columns: Int) {
    for step in 1..<max(rows, 1) {
      let i = A.isLower ? step : rows - 1 - step
      let solved = A.isLower ? 0..<i : i + 1..<rows
      for c in 0..<columns {
        var sum = x[i * columns + c]
        for j in solved { sum += A[i, j] * x[j * columns + c] }
        x[i * columns + c] = sum
      }
    }
  }

  /// x += P x, P = P P, until the block is covered. P keeps the triangle of A.
  private func double(_ A: Matrix<R>, rows: Int, columns: Int) {
    let band: Band = A.isLower ? .lower : .upper
    let size = (rows + 3) / 4 * 4
    loadPower(A, rows: rows)
    var covered = 1
    while covered < rows {
      multiply(
        Matrix(Row(power), lanes: blockLanes), Row(x), to: product, rows: size, inner: size, lanes: columns,
        band: band)
      for j in 0..<rows * columns { x[j] += product[j] }
      covered *= 2
      guard covered < rows else { break }
      squarePower(band, size: size)
    }
  }

  /// P = A.
  func loadPower(_ A: Matrix<R>, rows: Int) {
    let size = blockLanes * 8
    let P: UnsafeMutablePointer<R> = power.elements()
    power.update(repeating: .zero, count: size * blockLanes)
    for i in 0..<rows {
      for j in A.isLower ? 0..<i : i + 1..<rows { P[i * size + j] = A[i, j] }
    }
  }

  /// P = P P, of a triangle of `size` rows, a multiple of 4.
  func squarePower(_ band: Band, size: Int) {
    multiply(
      Matrix(Row(power), lanes: blockLanes), Row(power), to: square, rows: size, inner: size,
      lanes: blockLanes, band: band)
    power.update(from: square, count: size * blockLanes)
  }
}
