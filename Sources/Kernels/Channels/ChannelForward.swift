extension ChannelScratch {
  /// U, and K M where the state is brought in before the solve.
  func formUpdates(_ form: ChunkedForm, state M: Row<R>, _ span: ChunkSpan) {
    let (U, V, beta, KM) = (chunk.U, chunk.V, chunk.beta, chunk.KM)
    chunk.solver.prepare(Row(chunk.A), size: span.rows)
    multiply(
      Matrix(Row(readK), lanes: keyLanes), M, to: KM, rows: span.rows, inner: keyRows, lanes: valueLanes)
    switch form.rightHandSide {
    case .joined:
      for i in 0..<span.rows {
        for j in i * valueLanes..<(i + 1) * valueLanes { U[j] = beta[i] * (V[j] - KM[j]) }
      }
      chunk.solver.solve(Row(chunk.A), size: span.rows, X: U, columns: valueLanes)
    case .split:
      chunk.scaleRows(V, valueLanes, to: U, span) { beta[$0] }
      chunk.scaleRows(readK, keyLanes, to: chunk.W, span) { -beta[$0] }
      chunk.solver.solve(Row(chunk.A), size: span.rows, X: U, columns: valueLanes)
      chunk.solver.solve(Row(chunk.A), size: span.rows, X: chunk.W, columns: keyLanes)
      multiply(
        Matrix(Row(chunk.W), lanes: keyLanes), M, to: U, rows: span.rows, inner: keyRows, lanes: valueLanes,
        adding: true)
    }
  }

  /// Y = (gam o Q) M + P U.
  func formOutputs(state M: Row<R>, _ span: ChunkSpan) {
    multiply(
      Matrix(Row(readQ), lanes: keyLanes), M, to: chunk.Y, rows: span.rows, inner: keyRows, lanes: valueLanes)
    multiply(
      Matrix(Row(chunk.P), lanes: span.width), Row(chunk.U), to: chunk.Y, rows: span.rows, inner: span.rows,
      lanes: valueLanes, band: .lower, adding: true)
  }

  /// M' = gam_C o M + (eta o K)^T U.
  func advance(state M: Row<R>, to next: MutableRow<R>, _ span: ChunkSpan) {
    scaleChannels(M, by: lastFactor(span), to: next)
    multiply(
      Matrix(Row(writtenK), lanes: keyLanes).transposed, Row(chunk.U), to: next, rows: keyRows,
      inner: span.rows, lanes: valueLanes, adding: true)
  }

  func storeOutputs(_ problem: CoreProblem<R>, _ head: Head, _ span: ChunkSpan, to y: MutableRow<R>) {
    chunk.storeOutputs(problem, head, span, to: y)
  }

  /// gam_C, channel by channel.
  func lastFactor(_ span: ChunkSpan) -> UnsafePointer<R> {
    Row(decay.row(decay.fromStart, span.rows - 1)).elements()
  }

  /// target_c := factor_c source_c, for the rows of a state, which are key channels.
  func scaleChannels(_ source: Row<R>, by factor: UnsafePointer<R>, to target: MutableRow<R>) {
    for channel in 0..<keyRows {
      for j in channel * valueLanes..<(channel + 1) * valueLanes { target[j] = source[j] * factor[channel] }
    }
  }
}
