//    Newton-Schulz   X = I;  repeat ceil(log2 n) + 1 times  X := X (2I - L X),  L = I - A;  then  x = X r
//
//  With E = I - L X, a step makes E^2 of E: it begins as A and is zero after ceil(log2 n) steps, as in doubling. But each
//  step takes the residual of the X that it has: one step more mends what the others rounded, as long as the products of
//  that are less than 1.

extension Inverter {
  /// N := (I - A_II)^-1.
  func invertByNewton(_ block: Block, to N: Rows) {
    let (rows, A) = (block.rows, own(block, of: roundedA))
    // -L, whose diagonal every format holds.
    for i in 0..<rows {
      P[i].update(from: A[i], count: rows)
      P[i][i] = -1
    }
    setIdentity(N, rows: rows)
    for _ in 0...Inverter.steps(rows) {
      round(N, to: second, rows: rows, columns: rows)
      setIdentity(product, rows: rows)
      for i in 0..<rows { product[i][i] = 2 }
      Products.addTriangles(P, second, to: product, size: rows)
      round(product, to: first, rows: rows, columns: rows)
      clear(N, rows: rows, columns: rows)
      Products.addTriangles(second, first, to: N, size: rows)
    }
  }
}
