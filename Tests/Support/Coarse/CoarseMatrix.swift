import GatedDeltaRule

/// A dense matrix of fp32 whose products round their operands to a format and add in fp32: what tensor cores do.
struct CoarseMatrix {
  let rows: Int, columns: Int
  var values: [Float]

  init(_ rows: Int, _ columns: Int, _ entry: (_ i: Int, _ j: Int) -> Float = { _, _ in 0 }) {
    (self.rows, self.columns, values) = (rows, columns, [])
    values.reserveCapacity(rows * columns)
    for i in 0..<rows { for j in 0..<columns { values.append(entry(i, j)) } }
  }

  subscript(_ i: Int, _ j: Int) -> Float {
    get { values[i * columns + j] }
    set { values[i * columns + j] = newValue }
  }

  var transposed: CoarseMatrix { CoarseMatrix(columns, rows) { self[$1, $0] } }

  /// Row i times a factor of its own.
  func scaled(_ factor: (_ i: Int) -> Float) -> CoarseMatrix {
    CoarseMatrix(rows, columns) { factor($0) * self[$0, $1] }
  }

  static func + (left: CoarseMatrix, right: CoarseMatrix) -> CoarseMatrix {
    CoarseMatrix(left.rows, left.columns) { left[$0, $1] + right[$0, $1] }
  }

  static func - (left: CoarseMatrix, right: CoarseMatrix) -> CoarseMatrix {
    CoarseMatrix(left.rows, left.columns) { left[$0, $1] - right[$0, $1] }
  }

  func times(_ other: CoarseMatrix, in format: ProductFormat) -> CoarseMatrix {
    precondition(columns == other.rows)
    let (left, right) = (values.map(format.round), other.values.map(format.round))
    return CoarseMatrix(rows, other.columns) { i, j in
      var sum: Float = 0
      for n in 0..<columns { sum += left[i * columns + n] * right[n * other.columns + j] }
      return sum
    }
  }
}

extension ProductFormat {
  /// To nearest, ties to even.
  func round(_ x: Float) -> Float {
    switch self {
    case .fp32: return x
    case .bf16: return Float(Precision.bf16.round(Double(x)))
    case .fp16: return Float(Precision.fp16.round(Double(x)))
    case .tf32:
      let bits = x.bitPattern
      return Float(bitPattern: (bits &+ 0xFFF &+ (bits >> 13 & 1)) & 0xFFFF_E000)
    }
  }

  /// The format of 16 bits that a kernel of it stores, or fp32.
  var stored: Precision {
    switch self {
    case .fp32, .tf32: .fp32
    case .bf16: .bf16
    case .fp16: .fp16
    }
  }
}
