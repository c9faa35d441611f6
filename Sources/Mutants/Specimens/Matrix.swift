/// A small dense matrix.
struct Matrix<R: Scalar> {
  let rows, columns: Int
  private var values: [R]

  init(_ rows: Int, _ columns: Int, _ entry: (_ i: Int, _ j: Int) -> R = { _, _ in 0 }) {
    (self.rows, self.columns, values) = (rows, columns, [])
    values.reserveCapacity(rows * columns)
    for i in 0..<rows { for j in 0..<columns { values.append(entry(i, j)) } }
  }

  subscript(_ i: Int, _ j: Int) -> R {
    get { values[i * columns + j] }
    set { values[i * columns + j] = newValue }
  }

  /// <row i of this, row j of the other>.
  func dot(_ i: Int, _ other: Matrix, _ j: Int) -> R {
    var sum: R = 0
    for n in 0..<columns { sum += self[i, n] * other[j, n] }
    return sum
  }

  /// Adds a multiple of a row of another matrix to row i.
  mutating func add(_ factor: R, _ other: Matrix, _ j: Int, to i: Int) {
    for n in 0..<columns { self[i, n] += factor * other[j, n] }
  }
}
