//    substitution      x_i = r_i + sum_(j<i) A_ij x_j
//    inverse by rows   N_i = e_i + sum_(j<i) A_ij N_j,  then  x = N r
//    column sweep      N = M_(n-2) ... M_1 M_0,  M_k = I + A e_k e_k^T,  then  x = N r
//
//  The first two work row by row, in fp32. The sweep is the same made of n - 1 products: what it has is rounded by each.

extension Inverter {
  /// X := (I - A_II)^-1 X.
  func substitute(_ block: Block, _ X: Rows) {
    Products.addStrict(own(block, of: A), X, to: X, size: block.rows, columns: columns)
  }

  /// N := (I - A_II)^-1.
  func invertByRows(_ block: Block, to N: Rows) {
    let A = own(block, of: A)
    setIdentity(N, rows: block.rows)
    for i in 1..<max(block.rows, 1) {
      for j in 0..<i { Products.add(A[i][j], N[j], to: N[i], count: j + 1) }
    }
  }

  /// N := (I - A_II)^-1, a column of A after the other.
  func sweepColumns(_ block: Block, to N: Rows) {
    let A = own(block, of: roundedA)
    let rows = block.rows
    setIdentity(N, rows: rows)
    for k in 0..<rows - 1 {
      for i in 0..<rows { Rounding.round(N[i], to: N[i], count: i + 1, format) }
      for i in k + 1..<rows { Products.add(A[i][k], N[k], to: N[i], count: k + 1) }
    }
  }
}
