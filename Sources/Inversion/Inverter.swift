import GatedDeltaRule

/// Solves one triangular system in as many ways as are asked for, in memory that is taken once.
package final class Inverter {
  /// Rows of the system.
  let size: Int
  /// Right-hand sides.
  let columns: Int
  /// What products round to just now, and A so rounded.
  var format = ProductFormat.fp32
  let A: Rows, roundedA: Rows  // [size, size]
  let R: Rows, X: Rows, roundedX: Rows  // [size, columns]
  /// An inverse, powers, and what products are formed of and in.
  let N: Rows, P: Rows, first: Rows, second: Rows, product: Rows  // [size, size]
  /// Right-hand sides of one block, as operands and as they grow.
  let x: Rows, term: Rows  // [size, columns]
  /// Room for a row of either kind.
  let spare: UnsafeMutablePointer<Float>
  private let storage: UnsafeMutablePointer<Float>

  /// - Parameters:
  ///   - A: strictly lower triangular, [size, size], in fp32 numbers.
  ///   - R: [size, columns], likewise.
  package init(A: [Double], R: [Double], size: Int) {
    precondition(size > 0 && A.count == size * size && R.count % size == 0, "\(size) rows")
    let columns = R.count / size
    let (square, narrow) = (size * size, size * columns)
    let count = 7 * square + 5 * narrow + max(size, columns)
    storage = .allocate(capacity: count)
    storage.initialize(repeating: 0, count: count)
    let (squares, narrows) = (storage, storage + 7 * square)
    spare = narrows + 5 * narrow
    func matrix(_ n: Int) -> Rows { Rows(start: squares + n * square, stride: size) }
    func sides(_ n: Int) -> Rows { Rows(start: narrows + n * narrow, stride: columns) }
    (self.size, self.columns) = (size, columns)
    (self.A, roundedA, N, P, first, second, product) = (
      matrix(0), matrix(1), matrix(2), matrix(3), matrix(4), matrix(5), matrix(6)
    )
    (self.R, X, roundedX, x, term) = (sides(0), sides(1), sides(2), sides(3), sides(4))
    for i in 0..<square { self.A.start[i] = Float(A[i]) }
    for i in 0..<narrow { self.R.start[i] = Float(R[i]) }
    roundedA.start.update(from: self.A.start, count: square)
  }

  deinit { storage.deallocate() }

  /// X, [size, columns].
  package func solution(by inversion: Inversion) -> [Double] {
    solve(by: inversion)
    return (0..<size * columns).map { Double(X.start[$0]) }
  }

  /// max |X - exact| / max |exact| of each way; infinite where X is no number.
  package func errors(of inversions: [Inversion], from exact: [Double]) -> [Double] {
    inversions.map { inversion in
      solve(by: inversion)
      var (error, largest) = (0.0, 0.0)
      for i in 0..<size * columns {
        largest = max(largest, exact[i].magnitude)
        let difference = (Double(X.start[i]) - exact[i]).magnitude
        error = difference <= error ? error : difference.isNaN ? .infinity : difference
      }
      return error == 0 ? 0 : error / largest
    }
  }

  private func solve(by inversion: Inversion) {
    if inversion.products != format {
      format = inversion.products
      round(A, to: roundedA, rows: size, columns: size)
    }
    X.start.update(from: R.start, count: size * columns)
    let isMerged = inversion.method.isMerged
    let block = isMerged ? size : inversion.subBlock
    for start in stride(from: 0, to: size, by: block) {
      let rows = min(block, size - start)
      let own = X.from(row: start, column: 0)
      if start > 0 {
        Products.add(
          roundedA.from(row: start, column: 0), roundedX, to: own, rows: rows, inner: start, columns: columns)
      }
      solveBlock(Block(start: start, rows: rows), own, inversion)
      if start + rows < size {
        round(own, to: roundedX.from(row: start, column: 0), rows: rows, columns: columns)
      }
    }
  }

  private func solveBlock(_ block: Block, _ X: Rows, _ inversion: Inversion) {
    switch inversion.method {
    case .substitution: substitute(block, X)
    case .fixedPoint: iterate(block, X)
    case .doubling: double(block, X)
    case .neumann: sum(block, X)
    case .recursive: invertByHalves(block, base: 1, .inverseByRows)
    case .mergedRows: invertByHalves(block, base: inversion.subBlock, .inverseByRows)
    case .mergedFixedPoint: invertByHalves(block, base: inversion.subBlock, .inverseByFixedPoint)
    case .mergedDoubling: invertByHalves(block, base: inversion.subBlock, .inverseByDoubling)
    default: invert(block, inversion.method, to: own(block, of: N))
    }
    if inversion.method.formsInverse { apply(block, to: X) }
  }

  /// N := (I - A_II)^-1 in one piece.
  func invert(_ block: Block, _ method: Inversion.Method, to N: Rows) {
    switch method {
    case .columnSweep: sweepColumns(block, to: N)
    case .inverseByFixedPoint: iterateInverse(block, to: N)
    case .newtonSchulz: invertByNewton(block, to: N)
    case .logDepth: invertInLogDepth(block, to: N)
    case .inverseByDoubling: invertByDoubling(block, to: N)
    default: invertByRows(block, to: N)
    }
  }

  // MARK: what the methods share

  /// A diagonal block of a matrix.
  struct Block {
    let start, rows: Int
  }

  /// That of a matrix.
  func own(_ block: Block, of matrix: Rows) -> Rows { matrix.from(row: block.start, column: block.start) }

  /// Operands for a product.
  func round(_ from: Rows, to: Rows, rows: Int, columns: Int) {
    for i in 0..<rows { Rounding.round(from[i], to: to[i], count: columns, format) }
  }

  /// Fills rows with zeros.
  func clear(_ matrix: Rows, rows: Int, columns: Int) {
    for i in 0..<rows { matrix[i].update(repeating: 0, count: columns) }
  }

  /// Fills a block with the identity.
  func setIdentity(_ matrix: Rows, rows: Int) {
    clear(matrix, rows: rows, columns: rows)
    for i in 0..<rows { matrix[i][i] = 1 }
  }

  /// X := N X, with the block of N.
  private func apply(_ block: Block, to X: Rows) {
    let rows = block.rows
    round(own(block, of: N), to: first, rows: rows, columns: rows)
    round(X, to: x, rows: rows, columns: columns)
    clear(X, rows: rows, columns: columns)
    Products.addLower(first, x, to: X, size: rows, columns: columns)
  }

  /// ceil(log2 rows): so many powers are not zero for certain.
  static func steps(_ rows: Int) -> Int { rows > 1 ? Int.bitWidth - (rows - 1).leadingZeroBitCount : 0 }
}

extension Inversion.Method {
  /// Whether there is one inverse for the whole chunk.
  var isMerged: Bool { self == .mergedRows || self == .mergedFixedPoint || self == .mergedDoubling }

  /// Whether it makes an inverse, which is then applied.
  var formsInverse: Bool {
    switch self {
    case .substitution, .fixedPoint, .doubling, .neumann: false
    default: true
    }
  }
}
