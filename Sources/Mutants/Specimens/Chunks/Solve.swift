import GatedDeltaRule

/// (I - A) X = R, or (I - A)^T X = R, for a strictly lower A: substitution over sub-blocks, and inside one
///
///     X = (I + P)(I + P^2)(I + P^4) ... R,   P the sub-block's part of A, nilpotent.
struct Solve<R: Scalar> {
  let subBlock: Int
  let fault: Fault?

  /// Solves in place.
  func callAsFunction(_ A: Matrix<R>, _ X: inout Matrix<R>) {
    let unsolved = X
    for lo in stride(from: 0, to: A.rows, by: subBlock) {
      let hi = min(lo + subBlock, A.rows)
      for i in lo..<hi {
        for j in 0..<lo {
          let factor = fault == .productsInTensorFloat ? A[i, j].asTensorCoreOperand : A[i, j]
          if fault == .offDiagonalUnsolved {
            X.add(factor, unsolved, j, to: i)
          } else {
            X.add(factor, X, j, to: i)
          }
        }
      }
      if fault == .raggedBlockUnsolved && hi - lo < subBlock { continue }
      double(Matrix(hi - lo, hi - lo) { A[lo + $0, lo + $1] }, &X, at: lo, transposed: false)
    }
  }

  /// Solves with the transpose, in place.
  func transposed(_ A: Matrix<R>, _ X: inout Matrix<R>) {
    guard fault != .transposeForgotten else { return self(A, &X) }
    for lo in stride(from: 0, to: A.rows, by: subBlock).reversed() {
      let hi = min(lo + subBlock, A.rows)
      for i in lo..<hi {
        for j in hi..<A.rows { X.add(A[j, i], X, j, to: i) }
      }
      double(Matrix(hi - lo, hi - lo) { A[lo + $0, lo + $1] }, &X, at: lo, transposed: true)
    }
  }

  private func double(_ block: Matrix<R>, _ X: inout Matrix<R>, at lo: Int, transposed: Bool) {
    let n = block.rows
    var steps = 0
    while 1 << steps < n { steps += 1 }
    if fault == .doublingShort { steps -= 1 }
    var P = block
    for step in 0..<max(0, steps) {
      if fault == .powersHalf { P = Matrix(n, n) { P[$0, $1].rounded(to: .fp16) } }
      // A row takes from rows that are still as they were: from those above, going up, or from those below.
      for i in transposed ? Array(0..<n) : (0..<n).reversed() {
        for j in 0..<n where transposed ? j > i : j < i {
          X.add(transposed ? P[j, i] : P[i, j], X, lo + j, to: lo + i)
        }
      }
      if step + 1 < steps { P = square(P) }
    }
  }

  private func square(_ P: Matrix<R>) -> Matrix<R> {
    Matrix(P.rows, P.rows) { i, j in
      var sum: R = 0
      for n in j..<max(i, j) { sum += P[i, n] * P[n, j] }
      return sum
    }
  }
}
