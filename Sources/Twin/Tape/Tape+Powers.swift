import GatedDeltaRule

extension Tape {
  /// T = (I - A)^-1 in sub-blocks of 16 rows: what is above a sub-block by a product with the rows that are known, and
  /// then (I + A^8) (I + A^4) (I + A^2) (I + A) of its own.
  func sumPowers(_ A: Block, _ T: Rows<Number>, _ format: ProductFormat) {
    let (n, width) = (T.rows, T.width)
    let memory = scratch((n + 48) * width + 3 * 16 * 16)
    let known = Rows(base: memory, stride: width, rows: n, columns: n)
    func block(_ place: Int, _ rows: Int) -> Rows<Number> {
      Rows(base: memory + (n + 16 * place) * width, stride: width, rows: rows, columns: n)
    }
    func square(_ place: Int, _ rows: Int) -> Rows<Number> {
      Rows(base: memory + (n + 48) * width + place * 256, stride: 16, rows: rows, columns: 16)
    }
    for first in stride(from: 0, to: n, by: 16) {
      let count = min(16, n - first)
      let (x, operand, term) = (block(0, count), block(1, count), block(2, count))
      let (power, powerOperand, next) = (square(0, count), square(1, count), square(2, count))
      copy(rows(A.rows(first..<first + count)), to: operand, width, format)
      multiply(operand, Rows(base: known.base, stride: width, rows: first, columns: n), to: x, adding: false)
      for i in 0..<count { x.row(i)[first + i] += 1 }
      copyRows(
        value(A) + first * A.stride + first, A.stride, to: power.base, 16, rows: count,
        width: min(16, width - first))
      if width - first < 16 { for i in 0..<count { (power.row(i) + 8).update(repeating: 0, count: 8) } }
      var reach = 1
      while reach < count {
        copy(x, to: operand, width, format)
        copy(power, to: powerOperand, 16, format)
        multiply(powerOperand, operand, to: term, adding: false)
        addRows(term, to: x)
        scatter(x, to: .fp32)
        multiply(
          powerOperand, Rows(base: powerOperand.base, stride: 16, rows: count, columns: 16), to: next,
          adding: false)
        copy(next, to: power, 16, .fp32)
        reach *= 2
      }
      copyRows(x.base, width, to: T.row(first), T.stride, rows: count, width: width)
      let done = Rows(base: known.row(first), stride: width, rows: count, columns: n)
      copy(x, to: done, width, format)
    }
  }

  /// Rows scattered in a format.
  private func copy(_ source: Rows<Number>, to target: Rows<Number>, _ width: Int, _ format: ProductFormat) {
    copyRows(source.base, source.stride, to: target.base, target.stride, rows: source.rows, width: width)
    scatter(Rows(base: target.base, stride: target.stride, rows: source.rows, columns: width), to: format)
  }

  private func scatter(_ rows: Rows<Number>, to format: ProductFormat) {
    scatter(
      rows.base, Block(offset: 0, rows: rows.rows, columns: rows.columns, stride: rows.stride), to: format)
  }
}
