/// Solves systems of up to `size` rows in place.
struct TriangularSolver<R: Real> {
  let method: Solve
  /// Vectors in a row of a block.
  let blockLanes: Int
  let powers: NilpotentPowers<R>?
  let x: MutableRow<R>, product: MutableRow<R>  // [block, columns]
  let square: MutableRow<R>, inverse: MutableRow<R>  // [block, block]

  /// - Parameter columns: the most vectors a row of X may have.
  init(_ method: Solve, size: Int, columns: Int, arena: Arena) {
    self.method = method
    let block = method.block(size: size)
    blockLanes = lanes(min(block, size))
    let doubles = [.doubling, .inverseByDoubling].contains(method.method)
    powers = doubles ? NilpotentPowers(block: block, size: size, arena: arena) : nil
    let appliesInverse = ![.substitution, .doubling].contains(method.method)
    let square = appliesInverse ? blockLanes * 8 * blockLanes : 0
    x = arena.allocate(blockLanes * 8 * columns)
    product = arena.allocate(blockLanes * 8 * columns)
    self.square = arena.allocate(square)
    inverse = arena.allocate(square)
  }

  /// The solver reads up to this many rows past the end of A, for products that it throws away.
  static var overhang: Int { 4 }

  /// Makes ready for systems with this A: `size` padded rows, strictly lower triangular.
  func prepare(_ A: Row<R>, size: Int) { powers?.form(Matrix(A, lanes: lanes(size)), size: size) }

  /// X := (I - A)^-1 X.
  ///
  /// - Precondition: `prepare` was called with this A.
  /// - Parameters:
  ///   - A: `size` padded rows, strictly lower triangular.
  ///   - X: `size` rows of `columns` vectors.
  func solve(_ A: Row<R>, size: Int, X: MutableRow<R>, columns: Int) {
    let A = Matrix(A, lanes: lanes(size))
    let block = method.block(size: size)
    for first in stride(from: 0, to: size, by: block) {
      let rows = min(block, size - first)
      let known = Known(A: A.from(row: first, column: 0), X: Row(X), count: first)
      solveBlock(first, A.from(row: first, column: first), known, X, rows: rows, columns: columns)
    }
  }

  /// X := (I - A)^-T X.
  ///
  /// - Precondition: `prepare` was called with this A.
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
        first, A.from(row: first, column: first).transposed, known, X, rows: rows, columns: columns)
    }
  }

  /// Rows of X that are solved already, and the part of A that brings them in.
  private struct Known {
    let A: Matrix<R>
    let X: Row<R>
    let count: Int
  }

  private func solveBlock(
    _ first: Int, _ A: Matrix<R>, _ known: Known, _ X: MutableRow<R>, rows: Int, columns: Int
  ) {
    let X = X + first * columns
    x.update(from: X, count: rows * columns)
    if known.count > 0 {
      multiply(
        known.A, known.X, to: x, rows: (rows + 3) / 4 * 4, inner: known.count, lanes: columns, adding: true)
    }
    (x + rows * columns).update(repeating: .zero, count: (blockLanes * 8 - rows) * columns)
    switch method.method {
    case .substitution: substitute(A, rows: rows, columns: columns)
    case .doubling: double(first, isTransposed: !A.isLower, rows: rows, columns: columns)
    case .inverseByDoubling:
      formInverseByDoubling(first, rows: rows)
      applyInverse(isTransposed: !A.isLower, rows: rows, columns: columns)
    case .fixedPoint:
      formInverseByFixedPoint(A.lower, rows: rows)
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

  /// x += P x for every power in turn.
  private func double(_ first: Int, isTransposed: Bool, rows: Int, columns: Int) {
    guard let powers else { return }
    let size = (rows + 3) / 4 * 4
    for step in 0..<NilpotentPowers<R>.count(rows: rows) {
      let P = powers.power(first, step)
      multiply(
        isTransposed ? P.transposed : P, Row(x), to: product, rows: size, inner: size, lanes: columns,
        band: isTransposed ? .upper : .lower)
      for j in 0..<rows * columns { x[j] += product[j] }
    }
  }
}
