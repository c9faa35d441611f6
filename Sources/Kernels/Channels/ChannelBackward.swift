extension ChannelScratch {
  func loadCotangents(_ problem: CoreProblem<R>, _ head: Head, _ span: ChunkSpan) {
    chunk.loadCotangents(problem, head, span)
  }

  func clearKeyGradients(_ span: ChunkSpan) { chunk.clearKeyGradients(span) }

  /// The gradients of one chunk of one head; see `ChunkScratch.differentiate`.
  func differentiate(state M: Row<R>, dstate dM: MutableRow<R>, _ span: ChunkSpan) {
    decay.clearCotangents(span.rows)
    solveForUpdates(Row(dM), span)
    chunk.formPairCotangents(span)
    formWriteCotangents(span)
    for i in 0..<span.rows {
      for j in span.lower(i) { chunk.dA[j] = -chunk.beta[i] * chunk.dA[j] }
    }
    addPairTerms(span)
    addStateTerms(M, dM, span)
    decay.gradient(dlast: Row(dlast), span.rows, into: dg)
  }

  /// Z = (I - A)^-T (P^T dY + (eta o K) dM').
  private func solveForUpdates(_ dM: Row<R>, _ span: ChunkSpan) {
    multiply(
      Matrix(Row(writtenK), lanes: keyLanes), dM, to: chunk.Z, rows: span.rows, inner: keyRows,
      lanes: valueLanes)
    multiply(
      Matrix(Row(chunk.P), lanes: span.width).transposed, Row(chunk.dY), to: chunk.Z, rows: span.rows,
      inner: span.rows, lanes: valueLanes, band: .upper, adding: true)
    chunk.solver.solveTransposed(Row(chunk.A), size: span.rows, X: chunk.Z, columns: valueLanes)
  }

  /// dbeta_i = <Z_i, v_i - ((gam o K) M)_i> - sum_j dA_ij B_ij.
  private func formWriteCotangents(_ span: ChunkSpan) {
    for i in 0..<span.rows {
      var direct = Lane<R>.zero
      for j in i * valueLanes..<(i + 1) * valueLanes {
        direct += chunk.Z[j] * (chunk.V[j] - chunk.KM[j])
      }
      var pairs = Lane<R>.zero
      for j in span.lower(i) { pairs += chunk.dA[j] * B[j] }
      chunk.dbeta[i] = direct.total - pairs.total
    }
  }

  // MARK: pairs

  /// What P and B, whose cotangents are dP and E in place of dA, give to Q, K and the decay.
  private func addPairTerms(_ span: ChunkSpan) {
    for a in stride(from: 0, to: span.rows, by: ChannelDecay<R>.block) {
      let rows = decay.rows(from: a, of: span.rows)
      if a > 0 { addPairsBefore(rows, span) }
      addPairsInside(rows, span)
    }
  }

  private func addPairsBefore(_ rows: Range<Int>, _ span: ChunkSpan) {
    let a = rows.lowerBound
    formEarly(a, span)
    formLate(rows)
    let scores = Matrix(Row(chunk.dP), lanes: span.width).from(row: a, column: 0)
    let products = Matrix(Row(chunk.dA), lanes: span.width).from(row: a, column: 0)
    for (target, left) in [(dlateQ, scores), (dlateK, products)] {
      multiply(left, Row(earlyK), to: target, rows: rows.count, inner: a, lanes: keyLanes)
    }
    multiply(scores.transposed, Row(lateQ), to: dearlyK, rows: a, inner: rows.count, lanes: keyLanes)
    multiply(
      products.transposed, Row(lateK), to: dearlyK, rows: a, inner: rows.count, lanes: keyLanes, adding: true)
    for i in rows {
      let (place, factor, cotangent) = ((i - a) * keyLanes, decay.inside(i, a), decay.dinside(i, a))
      let (q, k, row) = (decay.row(chunk.Q, i), decay.row(chunk.K, i), i * keyLanes)
      for c in 0..<keyLanes {
        cotangent[c] += q[c] * dlateQ[place + c] + k[c] * dlateK[place + c]
        chunk.dQ[row + c] += factor[c] * dlateQ[place + c]
        chunk.dK[row + c] += factor[c] * dlateK[place + c]
      }
    }
    let (factors, cotangents) = (decay.before(a, 0), decay.dbefore(a, 0))
    for j in 0..<a * keyLanes {
      cotangents[j] += chunk.K[j] * dearlyK[j]
      chunk.dK[j] += factors[j] * dearlyK[j]
    }
  }

  private func addPairsInside(_ rows: Range<Int>, _ span: ChunkSpan) {
    let (scores, products): (UnsafeMutablePointer<R>, UnsafeMutablePointer<R>) = (
      chunk.dP.elements(), chunk.dA.elements()
    )
    for i in rows {
      let (q, k) = (decay.row(chunk.Q, i), decay.row(chunk.K, i))
      let (dq, dk) = (decay.row(chunk.dQ, i), decay.row(chunk.dK, i))
      for j in rows.lowerBound...i {
        let (score, product) = (scores[i * span.rows + j], products[i * span.rows + j])
        let (earlier, dearlier) = (decay.row(chunk.K, j), decay.row(chunk.dK, j))
        let (factor, cotangent) = (decay.inside(i, j), decay.dinside(i, j))
        for c in 0..<keyLanes {
          let decayed = factor[c] * earlier[c]
          dq[c] += score * decayed
          dk[c] += product * decayed
          let later = score * q[c] + product * k[c]
          dearlier[c] += factor[c] * later
          cotangent[c] += earlier[c] * later
        }
      }
    }
  }

  // MARK: states

  /// The terms through the state before the chunk and the cotangent of the one after it.
  private func addStateTerms(_ M: Row<R>, _ dM: MutableRow<R>, _ span: ChunkSpan) {
    let ofChannels: UnsafeMutablePointer<R> = dlast.elements()
    for channel in 0..<keyRows {
      let row = channel * valueLanes
      ofChannels[channel] = dot(M + row, Row(dM) + row, valueLanes)
    }
    transpose(Row(dM), rows: keyRows, columns: chunk.valueRows, to: chunk.transposedM)
    multiplyByState(chunk.U, to: dwrittenK, span)
    transpose(M, rows: keyRows, columns: chunk.valueRows, to: chunk.transposedM)
    multiplyByState(chunk.dY, to: dreadQ, span)
    chunk.scaleRows(chunk.Z, valueLanes, to: chunk.weighted, span) { -chunk.beta[$0] }
    multiplyByState(chunk.weighted, to: dreadK, span)
    for j in 0..<span.rows * keyLanes {
      decay.dfromStart[j] += chunk.Q[j] * dreadQ[j] + chunk.K[j] * dreadK[j]
      decay.dtoEnd[j] += chunk.K[j] * dwrittenK[j]
      chunk.dQ[j] += decay.fromStart[j] * dreadQ[j]
      chunk.dK[j] += decay.fromStart[j] * dreadK[j] + decay.toEnd[j] * dwrittenK[j]
    }
    scaleChannels(Row(dM), by: lastFactor(span), to: dM)
    for (left, right) in [(readQ, chunk.dY), (readK, chunk.weighted)] {
      multiply(
        Matrix(Row(left), lanes: keyLanes).transposed, Row(right), to: dM, rows: keyRows, inner: span.rows,
        lanes: valueLanes, adding: true)
    }
  }

  /// rows M^T, or rows dM^T, whichever stands transposed.
  private func multiplyByState(_ rows: MutableRow<R>, to target: MutableRow<R>, _ span: ChunkSpan) {
    multiply(
      Matrix(Row(rows), lanes: valueLanes), Row(chunk.transposedM), to: target, rows: span.rows,
      inner: chunk.valueRows, lanes: keyLanes)
  }

  // MARK: storing

  /// dV = beta Z, dg and dbeta of live tokens.
  func storeHeadGradients(
    _ problem: CoreProblem<R>, _ head: Head, _ span: ChunkSpan, to gradients: CoreGradients<R>
  ) {
    for i in 0..<span.count where problem.live[head.b * problem.shape.T + span.first + i] {
      let row = problem.valueRow(head.b, span.first + i, head.h)
      chunk.storeWrite(i, to: row, gradients)
      (gradients.ddecay + row * keyLanes * 8).lanes.update(from: decay.row(dg, i), count: keyLanes)
    }
  }

  func storeKeyGradients(
    _ problem: CoreProblem<R>, b: Int, keyHead: Int, _ span: ChunkSpan, to gradients: CoreGradients<R>
  ) {
    chunk.storeKeyGradients(problem, b: b, keyHead: keyHead, span, to: gradients)
  }
}
