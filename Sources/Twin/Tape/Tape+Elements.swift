extension Tape {
  /// A + B, or A - B.
  func sum(_ a: Block, _ b: Block, negative: Bool = false) -> Block {
    let out = matrix(a.rows, a.columns)
    let (x, y, z) = (rows(a), rows(b), rows(out))
    each(out) { i, j in
      z.store(negative ? x.lanes(i, j) - y.lanes(i, j) : x.lanes(i, j) + y.lanes(i, j), i, j)
    }
    note(.sum(a, b, negative: negative, out))
    return out
  }

  func differentiateSum(_ a: Block, _ b: Block, negative: Bool, _ out: Block) {
    let (da, db, d) = (gradientRows(a), gradientRows(b), gradientRows(out))
    each(out) { i, j in
      let lanes = d.lanes(i, j)
      da.store(da.lanes(i, j) + lanes, i, j)
      db.store(negative ? db.lanes(i, j) - lanes : db.lanes(i, j) + lanes, i, j)
    }
  }

  /// Element by element.
  func times(_ a: Block, _ b: Block) -> Block {
    let out = matrix(a.rows, a.columns)
    times(a, b, to: out)
    return out
  }

  /// The same into a part of a matrix of zeros.
  func times(_ a: Block, _ b: Block, to out: Block) {
    let (x, y, z) = (rows(a), rows(b), rows(out))
    each(out) { i, j in z.store(x.lanes(i, j) * y.lanes(i, j), i, j) }
    note(.multiply(a, b, out))
  }

  func differentiateMultiply(_ a: Block, _ b: Block, _ out: Block) {
    let (x, y, da, db, d) = (rows(a), rows(b), gradientRows(a), gradientRows(b), gradientRows(out))
    each(out) { i, j in
      let lanes = d.lanes(i, j)
      da.store(da.lanes(i, j) + lanes * y.lanes(i, j), i, j)
      db.store(db.lanes(i, j) + lanes * x.lanes(i, j), i, j)
    }
  }

  /// Row i of A by entry i of a vector, or every row by its only entry.
  func scaled(_ a: Block, by vector: Block) -> Block {
    let out = matrix(a.rows, a.columns)
    let (x, z) = (rows(a), rows(out))
    let factors = value(vector)
    let step = vector.columns == 1 ? 0 : 1
    each(out) { i, j in z.store(x.lanes(i, j) * factors[i * step], i, j) }
    note(.scale(vector, a, out))
    return out
  }

  func differentiateScale(_ vector: Block, _ a: Block, _ out: Block) {
    let (x, da, d) = (rows(a), gradientRows(a), gradientRows(out))
    let (factors, dFactors) = (value(vector), gradient(vector))
    let step = vector.columns == 1 ? 0 : 1
    each(out) { i, j in da.store(da.lanes(i, j) + d.lanes(i, j) * factors[i * step], i, j) }
    for i in 0..<out.rows { dFactors[i * step] += dot(d.row(i), x.row(i), out.width) }
  }

  /// e^A.
  func exponential(_ a: Block) -> Block {
    let out = zeros(a.rows, a.columns)
    for i in 0..<a.rows {
      let (x, z) = (rows(a).row(i), rows(out).row(i))
      for j in 0..<a.columns { z[j] = Number.exponential(x[j]) }
    }
    note(.exponential(a, out))
    return out
  }

  func differentiateExponential(_ a: Block, _ out: Block) {
    let (z, da, d) = (rows(out), gradientRows(a), gradientRows(out))
    each(out) { i, j in da.store(da.lanes(i, j) + d.lanes(i, j) * z.lanes(i, j), i, j) }
  }

  /// -b_i X_ij below the diagonal.
  func erasure(_ b: Block, _ x: Block) -> Block {
    let out = zeros(x.rows, x.columns)
    for i in 0..<x.rows {
      let (from, to, factor) = (rows(x).row(i), rows(out).row(i), -value(b)[i])
      for j in 0..<i { to[j] = factor * from[j] }
    }
    note(.erasure(b, x, out))
    return out
  }

  func differentiateErasure(_ b: Block, _ x: Block, _ out: Block) {
    for i in 0..<x.rows {
      let (from, to, d) = (rows(x).row(i), gradientRows(x).row(i), gradientRows(out).row(i))
      let factor = -value(b)[i]
      var sum: Number = 0
      for j in 0..<i {
        to[j] += factor * d[j]
        sum += d[j] * from[j]
      }
      gradient(b)[i] -= sum
    }
  }

  @inline(__always) private func each(_ block: Block, _ body: (_ i: Int, _ j: Int) -> Void) {
    for i in 0..<block.rows { for j in Swift.stride(from: 0, to: block.width, by: 8) { body(i, j) } }
  }
}
