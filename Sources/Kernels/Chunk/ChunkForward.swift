extension ChunkScratch {
  /// U, and K M where the state is brought in before the solve.
  func formUpdates(_ form: ChunkedForm, state M: Row<R>, _ span: ChunkSpan) {
    let inner = keyRows
    solver.prepare(Row(A), size: span.rows)
    multiply(Matrix(Row(K), lanes: keyLanes), M, to: KM, rows: span.rows, inner: inner, lanes: valueLanes)
    switch form.rightHandSide {
    case .joined:
      for i in 0..<span.rows {
        for j in i * valueLanes..<(i + 1) * valueLanes {
          U[j] = beta[i] * (V[j] - decay.fromStart[i] * KM[j])
        }
      }
      solver.solve(Row(A), size: span.rows, X: U, columns: valueLanes)
    case .split:
      scaleRows(V, valueLanes, to: U, span) { beta[$0] }
      scaleRows(K, keyLanes, to: W, span) { -(beta[$0] * decay.fromStart[$0]) }
      solver.solve(Row(A), size: span.rows, X: U, columns: valueLanes)
      solver.solve(Row(A), size: span.rows, X: W, columns: keyLanes)
      multiply(
        Matrix(Row(W), lanes: keyLanes), M, to: U, rows: span.rows, inner: inner, lanes: valueLanes,
        adding: true)
    }
  }

  /// Y = gam Q M + P U.
  func formOutputs(state M: Row<R>, _ span: ChunkSpan) {
    multiply(Matrix(Row(Q), lanes: keyLanes), M, to: QM, rows: span.rows, inner: keyRows, lanes: valueLanes)
    scaleRows(QM, valueLanes, to: Y, span) { decay.fromStart[$0] }
    multiply(
      Matrix(Row(P), lanes: span.width), Row(U), to: Y, rows: span.rows, inner: span.rows, lanes: valueLanes,
      band: .lower, adding: true)
  }

  /// M' = gam_C M + (eta K)^T U.
  func advance(state M: Row<R>, to next: MutableRow<R>, _ span: ChunkSpan) {
    let last = decay.fromStart[span.rows - 1]
    for j in 0..<keyRows * valueLanes { next[j] = M[j] * last }
    scaleRows(U, valueLanes, to: weighted, span) { decay.toEnd[$0] }
    multiply(
      Matrix(Row(K), lanes: keyLanes).transposed, Row(weighted), to: next, rows: keyRows, inner: span.rows,
      lanes: valueLanes, adding: true)
  }

  func storeOutputs(_ problem: CoreProblem<R>, _ head: Head, _ span: ChunkSpan, to y: MutableRow<R>) {
    for i in 0..<span.count where problem.live[head.b * problem.shape.T + span.first + i] {
      let row = problem.valueRow(head.b, span.first + i, head.h)
      (y + row * valueLanes).update(from: Y + i * valueLanes, count: valueLanes)
    }
  }
}
