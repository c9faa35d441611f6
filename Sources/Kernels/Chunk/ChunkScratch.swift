/// The matrices of one chunk with one decay a token.
struct ChunkScratch<R: Real>: ChunkWork {
  let keyLanes: Int, valueLanes: Int
  /// Rows of a transposed key or of a state, Dk padded.
  let keyRows: Int
  /// Rows of a transposed value, Dv padded.
  let valueRows: Int
  let decay: ChunkDecay<R>
  let solver: TriangularSolver<R>

  // Of a key head.
  let K: MutableRow<R>, Q: MutableRow<R>  // [L, keyLanes]
  let transposedK: MutableRow<R>  // [keyRows, L]
  let KK: MutableRow<R>, QK: MutableRow<R>  // [L, L], Gram matrices
  let dK: MutableRow<R>, dQ: MutableRow<R>  // [L, keyLanes], summed over the group

  // Of a value head.
  let g: UnsafeMutablePointer<R>, beta: UnsafeMutablePointer<R>  // [L]
  let V: MutableRow<R>, U: MutableRow<R>, Y: MutableRow<R>  // [L, valueLanes]
  let KM: MutableRow<R>, QM: MutableRow<R>  // [L, valueLanes]
  let W: MutableRow<R>  // [L, keyLanes]
  let A: MutableRow<R>, P: MutableRow<R>  // [L, L]
  let weighted: MutableRow<R>  // [L, valueLanes], rows of some matrix times a factor
  let weightedK: MutableRow<R>  // [L, keyLanes], beta K

  // Its gradients.
  let dY: MutableRow<R>, Z: MutableRow<R>, KdM: MutableRow<R>  // [L, valueLanes]
  let transposedU: MutableRow<R>  // [valueRows, L]
  let transposedM: MutableRow<R>  // [valueRows, keyLanes]
  let dA: MutableRow<R>, dP: MutableRow<R>  // [L, L], then E + E^T and F
  let symmetric: MutableRow<R>  // [L, L]
  let dg: UnsafeMutablePointer<R>, dbeta: UnsafeMutablePointer<R>  // [L]

  init(_ form: ChunkedForm, _ problem: CoreProblem<R>, arena: Arena) {
    (keyLanes, valueLanes) = (problem.keyLanes, problem.valueLanes)
    (keyRows, valueRows) = (problem.keyLanes * 8, problem.valueLanes * 8)
    let size = ChunkSpan(0, form: form, T: problem.shape.T).rows
    let (keys, values, square) = (size * keyLanes, size * valueLanes, size * size / 8)
    // Every matrix is written before it is read, but for the rows past the end of A.
    func matrix(_ count: Int) -> MutableRow<R> { arena.allocate(count) }
    decay = ChunkDecay(form.decay, size: size, arena: arena)
    solver = TriangularSolver(form.solve, size: size, columns: max(keyLanes, valueLanes), arena: arena)
    (K, Q, dK, dQ) = (matrix(keys), matrix(keys), matrix(keys), matrix(keys))
    W = matrix(form.rightHandSide == .split ? keys : 0)
    weightedK = matrix(form.gram == .perValueHead ? keys : 0)
    transposedK = matrix(keyRows * size / 8)
    (KK, QK, P, dA) = (matrix(square), matrix(square), matrix(square), matrix(square))
    (dP, symmetric) = (matrix(square), matrix(square))
    A = arena.allocate(square + TriangularSolver<R>.overhang * size / 8, filledWith: .zero)
    (V, U, Y, KM, QM) = (matrix(values), matrix(values), matrix(values), matrix(values), matrix(values))
    (weighted, dY, Z, KdM) = (matrix(values), matrix(values), matrix(values), matrix(values))
    transposedU = matrix(valueRows * size / 8)
    transposedM = matrix(valueRows * keyLanes)
    (g, beta) = (arena.allocate(size), arena.allocate(size))
    (dg, dbeta) = (arena.allocate(size), arena.allocate(size))
  }

  // MARK: loading

  /// Q and K.
  func loadRows(_ problem: CoreProblem<R>, b: Int, keyHead: Int, _ span: ChunkSpan) {
    for (target, source) in [(K, problem.k), (Q, problem.q)] {
      for i in 0..<span.count {
        let row = problem.keyRow(b, span.first + i, keyHead)
        (target + i * keyLanes).update(from: source + row * keyLanes, count: keyLanes)
      }
      clearRest(target, keyLanes, span)
    }
  }

  /// Q, K and their Gram matrices.
  func loadKeys(_ problem: CoreProblem<R>, b: Int, keyHead: Int, _ span: ChunkSpan) {
    loadRows(problem, b: b, keyHead: keyHead, span)
    transpose(Row(K), rows: span.rows, columns: keyRows, to: transposedK)
    for (gram, left) in [(KK, K), (QK, Q)] {
      multiply(
        Matrix(Row(left), lanes: keyLanes), Row(transposedK), to: gram, rows: span.rows,
        inner: problem.shape.Dk, lanes: span.width, wanted: .lower)
    }
  }

  /// V, g, beta, and from them the decay factors, A and P.
  func loadHead(_ form: ChunkedForm, _ problem: CoreProblem<R>, _ head: Head, _ span: ChunkSpan) {
    loadValues(problem.v, problem, head, span, to: V)
    for i in 0..<span.rows {
      let row = problem.valueRow(head.b, span.first + i, head.h)
      let isToken = i < span.count && problem.live[head.b * problem.shape.T + span.first + i]
      g[i] = isToken ? problem.decay[row] : 1
      beta[i] = isToken ? problem.beta[row] : 0
    }
    decay.form(g, size: span.rows)
    switch form.gram {
    case .perKeyHead:
      for i in 0..<span.rows {
        for j in span.lower(i) { A[j] = -beta[i] * KK[j] * decay.gamma[j] }
      }
    case .perValueHead:
      scaleRows(K, keyLanes, to: weightedK, span) { -beta[$0] }
      multiply(
        Matrix(Row(weightedK), lanes: keyLanes), Row(transposedK), to: A, rows: span.rows,
        inner: problem.shape.Dk, lanes: span.width, wanted: .lower)
      for i in 0..<span.rows {
        for j in span.lower(i) { A[j] *= decay.gamma[j] }
      }
    }
    for i in 0..<span.rows {
      for j in span.lower(i) { P[j] = QK[j] * decay.gamma[j] }
    }
    clearUpper(A, span, diagonal: true)
    clearUpper(P, span, diagonal: false)
  }

  func loadCotangents(_ problem: CoreProblem<R>, _ head: Head, _ span: ChunkSpan) {
    loadValues(problem.dy, problem, head, span, to: dY)
  }

  /// Rows of a value head, zeros past the last token.
  func loadValues(
    _ source: Row<R>, _ problem: CoreProblem<R>, _ head: Head, _ span: ChunkSpan, to target: MutableRow<R>
  ) {
    for i in 0..<span.count {
      let row = problem.valueRow(head.b, span.first + i, head.h)
      (target + i * valueLanes).update(from: source + row * valueLanes, count: valueLanes)
    }
    clearRest(target, valueLanes, span)
  }

  /// Zeros in the rows past the last token.
  private func clearRest(_ target: MutableRow<R>, _ count: Int, _ span: ChunkSpan) {
    (target + span.count * count).update(repeating: .zero, count: (span.rows - span.count) * count)
  }

  /// Zeros above the diagonal, and on it: what a product left there is no part of the matrix, not even as inf * 0.
  func clearUpper(_ matrix: MutableRow<R>, _ span: ChunkSpan, diagonal: Bool) {
    let elements: UnsafeMutablePointer<R> = matrix.elements()
    for i in 0..<span.rows {
      let first = diagonal ? i : i + 1
      (elements + i * span.rows + first).update(repeating: 0, count: span.rows - first)
    }
  }

  /// target := factor_i * source, row by row.
  func scaleRows(
    _ source: MutableRow<R>, _ count: Int, to target: MutableRow<R>, _ span: ChunkSpan, by factor: (Int) -> R
  ) {
    for i in 0..<span.rows {
      let scale = factor(i)
      for j in 0..<count { target[i * count + j] = source[i * count + j] * scale }
    }
  }
}
