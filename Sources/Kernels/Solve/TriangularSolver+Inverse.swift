//  The inverse of one diagonal block, N = (I - A)^-1, formed from the lower triangle and applied as it is or
//  transposed.

extension TriangularSolver {
  /// x := N x, or N^T x.
  func applyInverse(isTransposed: Bool, rows: Int, columns: Int) {
    let N = Matrix(Row(inverse), lanes: blockLanes)
    let size = blockLanes * 8
    multiply(isTransposed ? N.transposed : N, Row(x), to: product, rows: size, inner: size, lanes: columns)
    x.update(from: product, count: rows * columns)
  }

  /// N += P N for every power in turn.
  func formInverseByDoubling(_ first: Int, rows: Int) {
    guard let powers else { return }
    let size = blockLanes * 8
    loadIdentity(rows: rows)
    for step in 0..<NilpotentPowers<R>.count(rows: rows) {
      multiply(
        powers.power(first, step), Row(inverse), to: square, rows: size, inner: size, lanes: blockLanes,
        band: .lower)
      for j in 0..<size * blockLanes { inverse[j] += square[j] }
    }
  }

  /// N := I + A N, once for each row but the first.
  func formInverseByFixedPoint(_ A: Matrix<R>, rows: Int) {
    let N: UnsafeMutablePointer<R> = inverse.elements()
    let terms: UnsafeMutablePointer<R> = square.elements()
    let size = blockLanes * 8
    loadIdentity(rows: rows)
    for i in 1..<max(rows, 1) {
      for j in 0..<i { N[i * size + j] = A[i, j] }
    }
    for _ in 1..<max(rows, 1) {
      multiply(
        A, Row(inverse), to: square, rows: (rows + 3) / 4 * 4, inner: rows, lanes: blockLanes, band: .lower)
      for i in 1..<rows {
        for j in 0..<i { N[i * size + j] = terms[i * size + j] }
      }
    }
  }

  /// N by 2x2 blocks, halved down to the base of the method.
  func formInverseByHalves(_ A: Matrix<R>, rows: Int) {
    loadIdentity(rows: rows)
    invert(A, 0..<rows, base: method.method == .mergedInverse ? method.subBlock : 1)
  }

  private func loadIdentity(rows: Int) {
    let N: UnsafeMutablePointer<R> = inverse.elements()
    let size = blockLanes * 8
    N.update(repeating: 0, count: size * size)
    for i in 0..<rows { N[i * size + i] = 1 }
  }

  /// The diagonal block of N in these rows, which is the inverse of that of I - A.
  private func invert(_ A: Matrix<R>, _ range: Range<Int>, base: Int) {
    guard range.count > base else { return invertBySubstitution(A, range) }
    let blocks = (range.count + base - 1) / base
    let middle = range.lowerBound + (blocks + 1) / 2 * base
    invert(A, range.lowerBound..<middle, base: base)
    invert(A, middle..<range.upperBound, base: base)
    merge(A, range.lowerBound..<middle, middle..<range.upperBound)
  }

  /// Row i of N is e_i + sum_(j<i) A_ij N_j.
  private func invertBySubstitution(_ A: Matrix<R>, _ range: Range<Int>) {
    let N: UnsafeMutablePointer<R> = inverse.elements()
    let size = blockLanes * 8
    for i in range {
      for j in range.lowerBound..<i {
        let factor = A[i, j]
        for column in range.lowerBound...j { N[i * size + column] += factor * N[j * size + column] }
      }
    }
  }

  /// N_21 = N_2 (A_21 N_1).
  private func merge(_ A: Matrix<R>, _ first: Range<Int>, _ second: Range<Int>) {
    let N: UnsafeMutablePointer<R> = inverse.elements()
    let between: UnsafeMutablePointer<R> = square.elements()
    let size = blockLanes * 8
    for i in second {
      for column in first { between[i * size + column] = 0 }
      for j in first {
        let factor = A[i, j]
        for column in first.lowerBound...j { between[i * size + column] += factor * N[j * size + column] }
      }
    }
    for i in second {
      for j in second.lowerBound...i {
        let factor = N[i * size + j]
        for column in first { N[i * size + column] += factor * between[j * size + column] }
      }
    }
  }
}
