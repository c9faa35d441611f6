//    fixed point              X := R + A X,  n - 1 times from X = R
//    inverse by fixed point   T := I + A T,  n - 1 times from T = I;  then  x = T r
//
//  Row i depends on the rows above it alone and does not change after step i: in the end it is r_i + sum A_ij x_j, the
//  sum of substitution with its operands rounded, however large the terms of the series were on the way. So one pass
//  over the rows gives the bits of the last step.
//
//  Unless a step leaves the range of the format: the products run over whole tiles, where 0 times infinity is no number,
//  and stays. Where sum |A|^k |R| cannot rule that out, the steps are taken one by one.

import GatedDeltaRule

extension Inverter {
  /// X := (I - A_II)^-1 X.
  func iterate(_ block: Block, _ X: Rows) {
    iterate(block, X, right: x, operands: term, columns: columns, isTriangular: false)
  }

  /// N := (I - A_II)^-1.
  func iterateInverse(_ block: Block, to N: Rows) {
    setIdentity(N, rows: block.rows)
    iterate(block, N, right: first, operands: second, columns: block.rows, isTriangular: true)
  }

  /// - Parameters:
  ///   - right: room for the right-hand sides.
  ///   - operands: room for X as the products see it.
  ///   - isTriangular: whether row j of X ends after column j.
  private func iterate(
    _ block: Block, _ X: Rows, right: Rows, operands: Rows, columns: Int, isTriangular: Bool
  ) {
    let (A, rows) = (own(block, of: roundedA), block.rows)
    for i in 0..<rows { right[i].update(from: X[i], count: columns) }
    if !staysInRange(A, X, operands, rows: rows, columns: columns, isTriangular: isTriangular),
      !takesSteps(A, X, right, operands, rows: rows, columns: columns, isTriangular: isTriangular)
    {
      for i in 0..<rows { X[i].update(repeating: .nan, count: columns) }
      return
    }
    for i in 0..<rows {
      X[i].update(from: right[i], count: columns)
      for j in 0..<i {
        Products.add(A[i][j], operands[j], to: X[i], count: isTriangular ? j + 1 : columns)
      }
      Rounding.round(X[i], to: operands[i], count: columns, format)
    }
  }

  /// Whether (I - |A|)^-1 |R| is far from the end of the range; it is formed in `sums`.
  private func staysInRange(
    _ A: Rows, _ X: Rows, _ sums: Rows, rows: Int, columns: Int, isTriangular: Bool
  ) -> Bool {
    var largest: Float = 0
    for i in 0..<rows {
      for c in 0..<columns { sums[i][c] = X[i][c].magnitude }
      for j in 0..<i {
        Products.add(A[i][j].magnitude, sums[j], to: sums[i], count: isTriangular ? j + 1 : columns)
      }
      for c in 0..<columns { largest = sums[i][c] <= largest ? largest : sums[i][c] }
    }
    // Rounding of operands and sums lets them grow by a few times at most.
    return largest < format.largest / 16
  }

  /// Whether every step has finite operands. Rows above step k are as they stay and need not be formed again, nor any
  /// once a step changes nothing.
  private func takesSteps(
    _ A: Rows, _ X: Rows, _ right: Rows, _ operands: Rows, rows: Int, columns: Int, isTriangular: Bool
  ) -> Bool {
    clear(operands, rows: rows, columns: columns)
    for step in 1..<max(rows, 1) {
      var changes = false
      for i in step - 1..<rows {
        Rounding.round(X[i], to: spare, count: columns, format)
        for c in 0..<columns {
          if !spare[c].isFinite { return false }
          if spare[c] != operands[i][c] { changes = true }
        }
        operands[i].update(from: spare, count: columns)
      }
      if !changes { return true }
      for i in step..<rows {
        X[i].update(from: right[i], count: columns)
        for j in 0..<i {
          Products.add(A[i][j], operands[j], to: X[i], count: isTriangular ? j + 1 : columns)
        }
      }
    }
    return (0..<rows).allSatisfy { i in (0..<columns).allSatisfy { X[i][$0].isFinite } }
  }
}

extension ProductFormat {
  /// The largest finite number.
  fileprivate var largest: Float { self == .fp16 ? 65504 : .greatestFiniteMagnitude }
}
