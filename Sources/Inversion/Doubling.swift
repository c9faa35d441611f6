//    doubling              P = A;  repeat ceil(log2 n) times  x += P x,  P := P P
//    inverse by doubling   N = I, P = A;  likewise  N += P N,  P := P P;  then  x = N r
//    log-depth Newton      X = I + A, E = A A;  repeat ceil(log2 n) - 1 times  X += X E,  E := E E;  then  x = X r
//    Neumann               x = r + A r + A^2 r + ... of the first terms: right for as many rows
//
//  All of them sum the Neumann series, which ends because A is nilpotent. Its terms are alternating binomials: for equal
//  keys and beta near 1 they reach 3e3 in a block of 16 rows, 1.5e8 in one of 32 and 4.5e17 in one of 64, and cancel to
//  about 1.

extension Inverter {
  /// X := (I - A_II)^-1 X.
  func double(_ block: Block, _ X: Rows) {
    let rows = block.rows
    loadPower(block)
    for step in 0..<Inverter.steps(rows) {
      if step > 0 { squarePower(rows) }
      round(X, to: x, rows: rows, columns: columns)
      Products.addStrict(first, x, to: X, size: rows, columns: columns)
    }
  }

  /// N := (I - A_II)^-1.
  func invertByDoubling(_ block: Block, to N: Rows) {
    let rows = block.rows
    setIdentity(N, rows: rows)
    loadPower(block)
    for step in 0..<Inverter.steps(rows) {
      if step > 0 { squarePower(rows) }
      round(N, to: second, rows: rows, columns: rows)
      Products.addTriangles(first, second, to: N, size: rows)
    }
  }

  /// N := (I - A_II)^-1.
  func invertInLogDepth(_ block: Block, to N: Rows) {
    let (rows, A) = (block.rows, own(block, of: A))
    setIdentity(N, rows: rows)
    for i in 1..<max(rows, 1) { N[i].update(from: A[i], count: i) }
    loadPower(block)
    for _ in 1..<max(Inverter.steps(rows), 1) {
      squarePower(rows)
      round(N, to: second, rows: rows, columns: rows)
      Products.addTriangles(second, first, to: N, size: rows)
    }
  }

  /// X := the sum of the first terms.
  func sum(_ block: Block, _ X: Rows) {
    let (rows, A) = (block.rows, own(block, of: roundedA))
    for i in 0..<rows { term[i].update(from: X[i], count: columns) }
    for _ in 1..<Inversion.terms {
      round(term, to: x, rows: rows, columns: columns)
      clear(term, rows: rows, columns: columns)
      Products.addStrict(A, x, to: term, size: rows, columns: columns)
      for i in 0..<rows { Products.add(1, term[i], to: X[i], count: columns) }
    }
  }

  /// `first` := A_II as products see it, with zeros above.
  private func loadPower(_ block: Block) {
    let A = own(block, of: roundedA)
    for i in 0..<block.rows { first[i].update(from: A[i], count: block.rows) }
  }

  /// `first` := the square of it, as products see it.
  private func squarePower(_ rows: Int) {
    clear(P, rows: rows, columns: rows)
    Products.addTriangles(first, first, to: P, size: rows)
    round(P, to: first, rows: rows, columns: rows)
  }
}
