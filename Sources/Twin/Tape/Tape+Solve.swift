import GatedDeltaRule

extension Tape {
  /// T = (I - A)^-1 of a strictly lower A, with operands rounded to a format on the way, and differentiated or not.
  func inverse(
    _ A: Block, _ form: Arrangement.Inverse, solve format: ProductFormat, products: ProductFormat,
    isDifferentiated: Bool
  ) -> Block {
    let n = A.rows
    let out = zeros(n, n)
    let T = rows(out)
    for i in 0..<n { T.row(i)[i] = 1 }
    switch form {
    case .rows: substitute(A, out, format)
    case .powers: sumPowers(A, T, format)
    }
    for i in 0..<n { T.row(i)[i] = 1 }
    if isDifferentiated { noteExact(.inverse(A, products, out)) }
    return out
  }

  /// dA = T^T dT T^T.
  func differentiateInverse(_ A: Block, _ format: ProductFormat, _ out: Block) {
    let (n, width) = (out.rows, out.width)
    let memory = scratch(3 * n * width)
    let square = { (place: Int) in Rows(base: memory + place * n * width, stride: width, rows: n, columns: n)
    }
    let (d, T, half) = (square(0), square(1), square(2))
    operand(ofGradient: out, format, in: d.base)
    copyRows(value(out), out.stride, to: T.base, width, rows: n, width: width)
    let whole = Block(offset: 0, rows: n, columns: n, stride: width)
    scatter(T.base, whole, to: format)
    // Only what lies on and below the diagonal of T can vary, and so only that has a cotangent.
    for i in 0..<n { (d.row(i) + i + 1).update(repeating: 0, count: width - i - 1) }
    multiply(T, transposed: true, d, to: half, adding: false)
    scatter(half.base, whole, to: format)
    multiplyBySecondTransposed(half, T, to: d, adding: false)
    addStrict(d, to: A)
  }

  /// U = T R, differentiated as the solution of (I - A) U = R: Z = T^T dU, dR = Z, dA = Z U^T.
  func solution(inverse T: Block, system A: Block, _ R: Block, _ format: ProductFormat) -> Block {
    let out = matrix(R.rows, R.columns)
    multiply(rows(T), rows(R), to: rows(out), adding: false)
    note(.solution(inverse: T, system: A, R, format, out))
    return out
  }

  func differentiateSolution(_ T: Block, _ A: Block, _ R: Block, _ format: ProductFormat, _ out: Block) {
    let count = out.rows * out.width
    let memory = scratch(3 * count + out.rows * A.width)
    let (d, Z) = (resultRows(out, memory), resultRows(out, memory + count))
    operand(ofGradient: out, format, in: d.base)
    multiply(rows(T), transposed: true, d, to: Z, adding: false)
    addSystemGradient(Z, A, R, format, out, memory)
  }

  /// (I - A) X = R row by row.
  func substituted(_ A: Block, _ R: Block, solve format: ProductFormat) -> Block {
    let out = matrix(R.rows, R.columns)
    copyRows(value(R), R.stride, to: value(out), out.stride, rows: R.rows, width: R.width)
    substitute(A, out, format)
    noteExact(.substitution(A, R, format, out))
    return out
  }

  func differentiateSubstitution(_ A: Block, _ R: Block, _ format: ProductFormat, _ out: Block) {
    let count = out.rows * out.width
    let memory = scratch(3 * count + out.rows * A.width)
    let Z = resultRows(out, memory + count)
    let d = gradientRows(out)
    for i in (0..<out.rows).reversed() {
      Z.row(i).update(from: d.row(i), count: out.width)
      for later in i + 1..<max(out.rows, i + 1) {
        add(Z.row(later), times: rows(A).row(later)[i], to: Z.row(i), out.width)
      }
      scatter(Z.row(i), Block(offset: 0, rows: 1, columns: out.columns, stride: out.width), to: .fp32)
    }
    addSystemGradient(Z, A, R, format, out, memory)
  }

  /// dR += Z and dA += Z X^T, where scratch holds Z in its second part.
  private func addSystemGradient(
    _ Z: Rows<Number>, _ A: Block, _ R: Block, _ format: ProductFormat, _ out: Block, _ memory: Pointer
  ) {
    let whole = Block(offset: 0, rows: out.rows, columns: out.columns, stride: out.width)
    scatter(Z.base, whole, to: .fp32)
    addRows(Z, to: gradientRows(R))
    let count = out.rows * out.width
    let X = resultRows(out, memory + 2 * count)
    copyRows(value(out), out.stride, to: X.base, out.width, rows: out.rows, width: out.width)
    scatter(Z.base, whole, to: format)
    scatter(X.base, whole, to: format)
    let dA = Rows(base: memory + 3 * count, stride: A.width, rows: A.rows, columns: A.columns)
    multiplyBySecondTransposed(Z, X, to: dA, adding: false)
    addStrict(dA, to: A)
  }

  private func resultRows(_ out: Block, _ memory: Pointer) -> Rows<Number> {
    Rows(base: memory, stride: out.width, rows: out.rows, columns: out.columns)
  }

  private func addStrict(_ d: Rows<Number>, to A: Block) {
    for i in 0..<A.rows { for j in 0..<i { gradientRows(A).row(i)[j] += d.row(i)[j] } }
  }

  /// X := (I - A)^-1 X from the first row down. Coarse operands: entries of A and earlier rows of X are rounded.
  private func substitute(_ A: Block, _ X: Block, _ format: ProductFormat) {
    let isCoarse = format != .fp32
    let memory = scratch(isCoarse ? X.rows * X.width + A.width : 0)
    let factors = memory + X.rows * X.width
    for i in 0..<X.rows {
      var row = rows(A).row(i)
      if isCoarse {
        factors.update(from: row, count: A.width)
        scatter(factors, Block(offset: 0, rows: 1, columns: A.columns, stride: A.width), to: format)
        row = factors
      }
      let target = rows(X).row(i)
      for j in 0..<i {
        let source = isCoarse ? memory + j * X.width : rows(X).row(j)
        add(source, times: row[j], to: target, X.width)
      }
      let one = Block(offset: 0, rows: 1, columns: X.columns, stride: X.width)
      scatter(target, one, to: .fp32)
      if isCoarse {
        (memory + i * X.width).update(from: target, count: X.width)
        scatter(memory + i * X.width, one, to: format)
      }
    }
  }

  @inline(__always) private func add(
    _ source: Pointer, times factor: Number, to target: Pointer, _ width: Int
  ) {
    let (from, to) = (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
    let size = MemoryLayout<Number>.stride
    for j in Swift.stride(from: 0, to: width * size, by: 8 * size) {
      let sum =
        to.loadUnaligned(fromByteOffset: j, as: SIMD8<Number>.self)
        + from.loadUnaligned(fromByteOffset: j, as: SIMD8<Number>.self) * factor
      to.storeBytes(of: sum, toByteOffset: j, as: SIMD8<Number>.self)
    }
  }
}
