extension ChunkScratch {
  func differentiate(state M: Row<R>, dstate dM: MutableRow<R>, _ span: ChunkSpan) {
    multiply(Matrix(Row(Q), lanes: keyLanes), M, to: QM, rows: span.rows, inner: keyRows, lanes: valueLanes)
    multiply(
      Matrix(Row(K), lanes: keyLanes), Row(dM), to: KdM, rows: span.rows, inner: keyRows, lanes: valueLanes)
    solveForUpdates(span)
    formPairCotangents(span)
    let dlast = dot(M, Row(dM), keyRows * valueLanes)
    formDecayCotangents(span)
    decay.gradient(g, dlast: dlast, size: span.rows, into: dg)
    formWriteCotangents(span)
    combinePairs(span)
    addPairTerms(span)
    addStateTerms(M, dM, span)
  }

  /// Z = (I - A)^-T (P^T dY + eta K dM').
  private func solveForUpdates(_ span: ChunkSpan) {
    scaleRows(KdM, valueLanes, to: Z, span) { decay.toEnd[$0] }
    multiply(
      Matrix(Row(P), lanes: span.width).transposed, Row(dY), to: Z, rows: span.rows, inner: span.rows,
      lanes: valueLanes, band: .upper, adding: true)
    solver.solveTransposed(Row(A), size: span.rows, X: Z, columns: valueLanes)
  }

  /// dA = Z U^T and dP = dY U^T.
  func formPairCotangents(_ span: ChunkSpan) {
    transpose(Row(U), rows: span.rows, columns: valueRows, to: transposedU)
    for (target, left) in [(dA, Z), (dP, dY)] {
      multiply(
        Matrix(Row(left), lanes: valueLanes), Row(transposedU), to: target, rows: span.rows, inner: valueRows,
        lanes: span.width, wanted: .lower)
    }
    clearUpper(dA, span, diagonal: true)
    clearUpper(dP, span, diagonal: false)
  }

  /// The cotangents of Gamma, gam and eta.
  private func formDecayCotangents(_ span: ChunkSpan) {
    for i in 0..<span.rows {
      for j in span.lower(i) {
        decay.dgamma[j] = dP[j] * QK[j] - beta[i] * (dA[j] * KK[j])
      }
      let row = i * valueLanes
      decay.dfromStart[i] =
        dot(Row(dY + row), Row(QM + row), valueLanes) - beta[i] * dot(Row(Z + row), Row(KM + row), valueLanes)
      decay.dtoEnd[i] = dot(Row(KdM + row), Row(U + row), valueLanes)
    }
    clearUpper(decay.dgamma, span, diagonal: true)
  }

  /// dbeta_i = <Z_i, v_i - gam_i (K M)_i> - sum_j dA_ij <k_i, k_j> Gamma_ij.
  private func formWriteCotangents(_ span: ChunkSpan) {
    for i in 0..<span.rows {
      var direct = Lane<R>.zero
      for j in i * valueLanes..<(i + 1) * valueLanes {
        direct += Z[j] * (V[j] - decay.fromStart[i] * KM[j])
      }
      var pairs = Lane<R>.zero
      for j in span.lower(i) { pairs += (dA[j] * KK[j]) * decay.gamma[j] }
      dbeta[i] = direct.total - pairs.total
    }
  }

  /// symmetric = E + E^T, and F in place of dP.
  private func combinePairs(_ span: ChunkSpan) {
    for i in 0..<span.rows {
      for j in span.lower(i) {
        dA[j] = -beta[i] * (dA[j] * decay.gamma[j])
        dP[j] *= decay.gamma[j]
      }
    }
    transpose(Row(dA), rows: span.rows, columns: span.rows, to: symmetric)
    for j in 0..<span.rows * span.width { symmetric[j] += dA[j] }
  }

  /// dK += (E + E^T) K + F^T Q and dQ += F K.
  private func addPairTerms(_ span: ChunkSpan) {
    let F = Matrix(Row(dP), lanes: span.width)
    multiply(
      Matrix(Row(symmetric), lanes: span.width), Row(K), to: dK, rows: span.rows, inner: span.rows,
      lanes: keyLanes,
      adding: true)
    multiply(
      F.transposed, Row(Q), to: dK, rows: span.rows, inner: span.rows, lanes: keyLanes, band: .upper,
      adding: true)
    multiply(
      F, Row(K), to: dQ, rows: span.rows, inner: span.rows, lanes: keyLanes, band: .lower, adding: true)
  }

  /// The terms through the state before the chunk and the cotangent of the one after it.
  private func addStateTerms(_ M: Row<R>, _ dM: MutableRow<R>, _ span: ChunkSpan) {
    func addRows(to target: MutableRow<R>) {
      multiply(
        Matrix(Row(weighted), lanes: valueLanes), Row(transposedM), to: target, rows: span.rows,
        inner: valueRows,
        lanes: keyLanes, adding: true)
    }
    func addOuter(_ left: MutableRow<R>) {
      multiply(
        Matrix(Row(left), lanes: keyLanes).transposed, Row(weighted), to: dM, rows: keyRows, inner: span.rows,
        lanes: valueLanes, adding: true)
    }
    scaleRows(U, valueLanes, to: weighted, span) { decay.toEnd[$0] }
    transpose(Row(dM), rows: keyRows, columns: valueRows, to: transposedM)
    addRows(to: dK)
    let last = decay.fromStart[span.rows - 1]
    for j in 0..<keyRows * valueLanes { dM[j] *= last }
    scaleRows(dY, valueLanes, to: weighted, span) { decay.fromStart[$0] }
    transpose(M, rows: keyRows, columns: valueRows, to: transposedM)
    addRows(to: dQ)
    addOuter(Q)
    scaleRows(Z, valueLanes, to: weighted, span) { -(beta[$0] * decay.fromStart[$0]) }
    addRows(to: dK)
    addOuter(K)
  }

  // MARK: storing

  func clearKeyGradients(_ span: ChunkSpan) {
    dK.update(repeating: .zero, count: span.rows * keyLanes)
    dQ.update(repeating: .zero, count: span.rows * keyLanes)
  }

  func storeHeadGradients(
    _ problem: CoreProblem<R>, _ head: Head, _ span: ChunkSpan, to gradients: CoreGradients<R>
  ) {
    for i in 0..<span.count where problem.live[head.b * problem.shape.T + span.first + i] {
      let row = problem.valueRow(head.b, span.first + i, head.h)
      storeWrite(i, to: row, gradients)
      gradients.ddecay[row] = dg[i]
    }
  }

  /// dV = beta Z and dbeta of one token.
  func storeWrite(_ i: Int, to row: Int, _ gradients: CoreGradients<R>) {
    for j in 0..<valueLanes { gradients.dv[row * valueLanes + j] = beta[i] * Z[i * valueLanes + j] }
    gradients.dbeta[row] = dbeta[i]
  }

  func storeKeyGradients(
    _ problem: CoreProblem<R>, b: Int, keyHead: Int, _ span: ChunkSpan, to gradients: CoreGradients<R>
  ) {
    for i in 0..<span.count where problem.live[b * problem.shape.T + span.first + i] {
      let row = problem.keyRow(b, span.first + i, keyHead) * keyLanes
      (gradients.dk + row).update(from: dK + i * keyLanes, count: keyLanes)
      (gradients.dq + row).update(from: dQ + i * keyLanes, count: keyLanes)
    }
  }
}
