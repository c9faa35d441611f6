import GatedDeltaRule

extension Tape {
  /// Values as a matrix in memory.
  func rows(_ block: Block) -> Rows<Number> {
    Rows(base: value(block), stride: block.stride, rows: block.rows, columns: block.columns)
  }

  /// Cotangents as a matrix in memory.
  func gradientRows(_ block: Block) -> Rows<Number> {
    Rows(base: gradient(block), stride: block.stride, rows: block.rows, columns: block.columns)
  }

  /// As an operand of products in a format: itself in fp32.
  func operand(_ a: Block, _ format: ProductFormat) -> Block {
    guard format != .fp32 else { return a }
    let out = matrix(a.rows, a.columns)
    copyRows(value(a), a.stride, to: value(out), out.stride, rows: a.rows, width: a.width)
    scatter(values, out, to: format)
    noteExact(.round(a, format, out))
    return out
  }

  /// A B, A B^T or A^T B of operands in a format. The cotangent is rounded to it before it is multiplied with them.
  func product(_ kind: ProductKind, _ a: Block, _ b: Block, _ format: ProductFormat) -> Block {
    let out: Block
    switch kind {
    case .plain: out = matrix(a.rows, b.columns)
    case .second: out = zeros(a.rows, b.rows)
    case .first: out = matrix(a.columns, b.columns)
    }
    form(kind, a, b, format, to: out)
    return out
  }

  /// The same into a part of a matrix of zeros.
  func form(_ kind: ProductKind, _ a: Block, _ b: Block, _ format: ProductFormat, to out: Block) {
    switch kind {
    case .plain: multiply(rows(a), rows(b), to: rows(out), adding: false)
    case .second: multiplyBySecondTransposed(rows(a), rows(b), to: rows(out), adding: false)
    case .first: multiply(rows(a), transposed: true, rows(b), to: rows(out), adding: false)
    }
    note(.product(kind, a, b, format, out))
  }

  /// What a rounding sends back is rounded as well.
  func differentiateRound(_ a: Block, _ format: ProductFormat, _ out: Block) {
    scatter(gradients, out, to: format)
    addRows(gradientRows(out), to: gradientRows(a))
  }

  func differentiateProduct(
    _ kind: ProductKind, _ a: Block, _ b: Block, _ format: ProductFormat, _ out: Block
  ) {
    let memory = scratch(out.rows * out.width)
    operand(ofGradient: out, format, in: memory)
    let d = Rows(base: memory, stride: out.width, rows: out.rows, columns: out.columns)
    let (da, db) = (gradientRows(a), gradientRows(b))
    switch kind {
    case .plain:
      multiplyBySecondTransposed(d, rows(b), to: da, adding: true)
      multiply(rows(a), transposed: true, d, to: db, adding: true)
    case .second:
      multiply(d, rows(b), to: da, adding: true)
      multiply(d, transposed: true, rows(a), to: db, adding: true)
    case .first:
      multiplyBySecondTransposed(rows(b), d, to: da, adding: true)
      multiply(rows(a), d, to: db, adding: true)
    }
  }

  /// out += a.
  @inline(__always) func addRows(_ a: Rows<Number>, to out: Rows<Number>) {
    for i in 0..<a.rows {
      for j in stride(from: 0, to: a.width, by: 8) { out.store(out.lanes(i, j) + a.lanes(i, j), i, j) }
    }
  }
}
