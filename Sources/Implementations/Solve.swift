//  The triangular system of the UT transform, (I - A) X = R with A strictly lower triangular, in blocks:
//
//    for each block I of rows:  X_I = (I - A_II)^-1 (R_I + A_(I,<I) X_(<I))
//
//  Only the inverse inside a block differs:
//    substitution   x_i = r_i + sum_(j<i) A_ij x_j
//    doubling       x = r, P = A_II;  repeat ceil(log2 n) times  x += P x,  P = P P
//
//  Doubling is exact in exact arithmetic because A_II is nilpotent, but its terms are alternating binomials: for
//  equal keys and beta near 1 they reach 3e3 in a block of 16 rows and 1.5e8 in one of 32, and cancel to about 1.
//
//  The adjoint is the same with the transpose, from the last block to the first.

/// How the triangular system is solved.
enum Solve: Hashable {
  /// Row by row inside blocks of 16.
  case substitution
  /// A nilpotent Neumann product by doubling, applied to the right-hand side, inside blocks of this many rows.
  case doubling(subBlock: Int)

  var block: Int {
    switch self {
    case .substitution: 16
    case .doubling(let subBlock): subBlock
    }
  }
}

/// Solves systems of up to `size` rows in place.
struct TriangularSolver<R: Real> {
  private let method: Solve
  private let blockLanes: Int
  private let x: MutableRow<R>, product: MutableRow<R>  // [block, columns]
  private let power: MutableRow<R>, square: MutableRow<R>  // [block, block]

  /// - Parameter columns: the most vectors a row of X may have.
  init(_ method: Solve, size: Int, columns: Int, arena: Arena) {
    self.method = method
    blockLanes = lanes(min(method.block, size))
    x = arena.allocate(blockLanes * 8 * columns, filledWith: .zero)
    product = arena.allocate(blockLanes * 8 * columns, filledWith: .zero)
    power = arena.allocate(blockLanes * 8 * blockLanes, filledWith: .zero)
    square = arena.allocate(blockLanes * 8 * blockLanes, filledWith: .zero)
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
    for first in stride(from: 0, to: size, by: method.block) {
      let rows = min(method.block, size - first)
      let known = Known(A: A.from(row: first, column: 0), X: Row(X), count: first)
      solveBlock(A.from(row: first, column: first), known, X + first * columns, rows: rows, columns: columns)
    }
  }

  /// X := (I - A)^-T X.
  func solveTransposed(_ A: Row<R>, size: Int, X: MutableRow<R>, columns: Int) {
    let A = Matrix(A, lanes: lanes(size))
    let last = (size - 1) / method.block * method.block
    for first in stride(from: last, through: 0, by: -method.block) {
      let rows = min(method.block, size - first)
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
    switch method {
    case .substitution: substitute(A, rows: rows, columns: columns)
    case .doubling: double(A, rows: rows, columns: columns)
    }
    X.update(from: x, count: rows * columns)
  }

  /// x_i += sum A_ij x_j, in the direction in which A is triangular.
  private func substitute(_ A: Matrix<R>, rows: Int, columns: Int) {
    let isLower = A.columnStride == 1
    for step in 1..<max(rows, 1) {
      let i = isLower ? step : rows - 1 - step
      for j in isLower ? 0..<i : i + 1..<rows {
        add(A[i, j], Row(x + j * columns), to: x + i * columns, columns)
      }
    }
  }

  /// x += P x, P = P P, until the block is covered.
  private func double(_ A: Matrix<R>, rows: Int, columns: Int) {
    let size = blockLanes * 8
    let P: UnsafeMutablePointer<R> = power.elements()
    P.update(repeating: 0, count: size * size)
    for i in 0..<rows {
      for j in 0..<rows where i != j { P[i * size + j] = A[i, j] }
    }
    var covered = 1
    while covered < rows {
      multiply(
        Matrix(Row(power), lanes: blockLanes), Row(x), to: product, rows: size, inner: size, lanes: columns)
      for j in 0..<rows * columns { x[j] += product[j] }
      covered *= 2
      guard covered < rows else { break }
      multiply(
        Matrix(Row(power), lanes: blockLanes), Row(power), to: square, rows: size, inner: size,
        lanes: blockLanes)
      power.update(from: square, count: size * blockLanes)
    }
  }
}
