import GatedDeltaRule

extension Chunk {
  /// From dY and the cotangent dS of the state after the chunk, with P = (Q K^T) o Gamma:
  ///
  ///     dU = P^T dY + toEnd dS k;   Z = (I - A)^-T dU;   dA = strict(Z U^T);   dP = lower(dY U^T)
  ///     E = -beta dA o Gamma;   F = dP o Gamma
  ///     dv = beta Z;   dbeta = <Z, v - fromStart S k> - sum_j dA_ij <k_i, k_j> Gamma_ij
  ///     dk = -beta fromStart S^T Z + (E + E^T) K + F^T Q + toEnd dS^T U;   dq = F K + fromStart S^T dY
  ///     dS <- whole dS + sum fromStart dY q^T - sum beta fromStart Z k^T
  func gradients(_ S: Matrix<R>, _ dS: Matrix<R>) -> ChunkGradients<R> {
    let isAgain = fault == .backwardWithoutRunningSum || fault == .backwardOfHalfChunk
    let decay = isAgain ? ChunkDecay(g, length: length, carried: 0, fault) : decay
    let (K, V) = (k.columns, v.columns)
    let dSk = Matrix<R>(L, V) { k.dot($0, dS, $1) }
    let (Sk, Sq) = (Matrix<R>(L, V) { k.dot($0, S, $1) }, Matrix<R>(L, V) { q.dot($0, S, $1) })
    var Z = Matrix<R>(L, V) { decay.toEnd[$0] * dSk[$0, $1] }
    for i in 0..<L { for j in i..<L { Z.add(QK[j, i] * decay.gamma[j, i], dy, j, to: i) } }
    solve.transposed(A, &Z)
    let dA = Matrix<R>(L, L) { i, j in
      if fault == .inverseConstant { return 0 }
      return j < i || (fault == .inverseGradientUncut && j == i) ? Z.dot(i, corrected, j) : 0
    }
    let dP = Matrix<R>(L, L) { i, j in j <= i ? dy.dot(i, corrected, j) : 0 }
    let E = Matrix<R>(L, L) { i, j in j <= i ? -beta[i] * dA[i, j] * decay.gamma[i, j] : 0 }
    let F = Matrix<R>(L, L) { i, j in j <= i ? dP[i, j] * decay.gamma[i, j] : 0 }

    var dq = Matrix<R>(L, K)
    var dk = Matrix<R>(L, K)
    var dstate = Matrix<R>(S.rows, K) { decay.whole * dS[$0, $1] }
    for i in 0..<L {
      for j in 0...i { dq.add(F[i, j], k, j, to: i) }
      for j in 0..<L { dk.add(j <= i ? E[i, j] : 0, k, j, to: i) }
      for j in i..<L {
        dk.add(E[j, i], k, j, to: i)
        if fault != .keyGradientWithoutScores { dk.add(F[j, i], q, j, to: i) }
      }
      let (read, gain) = (decay.fromStart[i], beta[i] * decay.fromStart[i])
      for n in 0..<V {
        if fault != .queryGradientWithoutState { dq.add(read * dy[i, n], S, n, to: i) }
        if fault != .keyGradientWithoutState { dk.add(-gain * Z[i, n], S, n, to: i) }
        dk.add(decay.toEnd[i] * corrected[i, n], dS, n, to: i)
        dstate.add(read * dy[i, n], q, i, to: n)
        if fault != .stateCotangentIdentity { dstate.add(-gain * Z[i, n], k, i, to: n) }
      }
    }
    let dbeta = (0..<L).map { i in
      var sum: R = 0
      for n in 0..<V { sum += Z[i, n] * (v[i, n] - decay.fromStart[i] * Sk[i, n]) }
      if fault == .betaGradientWithoutInverse { return sum }
      for j in 0...i { sum -= dA[i, j] * KK[i, j] * decay.gamma[i, j] }
      return sum
    }
    let dg = decayGradient(decay, dA, dP, Z, Sk, Sq, dSk, product(S, dS))
    return ChunkGradients(
      dq: dq, dk: dk, dv: Matrix(L, V) { beta[$0] * Z[$0, $1] }, dg: Matrix(L, 1) { i, _ in dg[i] },
      dbeta: dbeta, dstate: dstate)
  }

  /// <S, dS>.
  private func product(_ S: Matrix<R>, _ dS: Matrix<R>) -> R {
    var sum: R = 0
    for n in 0..<S.rows {
      for j in 0..<S.columns {
        let product = S[n, j] * dS[n, j]
        sum += fault == .stateProductHalf ? product.rounded(to: .fp16) : product
      }
    }
    return sum
  }

  /// dg, by rows and columns of N = dA o A + dP o P:
  ///
  ///     dc_i = sum_j N_ij - sum_j N_ji + fromStart_i (<dY, S q> - beta <Z, S k>)_i - toEnd_i <dS k, U>_i
  ///     dlog g_t = whole <S, dS> + sum_i toEnd_i <dS k, U>_i + sum_(i >= t) dc_i,   dg = dlog g / g
  private func decayGradient(
    _ decay: ChunkDecay<R>, _ dA: Matrix<R>, _ dP: Matrix<R>, _ Z: Matrix<R>, _ Sk: Matrix<R>,
    _ Sq: Matrix<R>, _ dSk: Matrix<R>, _ product: R
  ) -> [R] {
    var dc = [R](repeating: 0, count: L)
    var ends = fault == .chunkDecayWithoutState ? 0 : decay.whole * product
    for i in 0..<L {
      let end = decay.toEnd[i] * dSk.dot(i, corrected, i)
      var start = dy.dot(i, Sq, i)
      if fault != .decayGradientWithoutState { start -= beta[i] * Z.dot(i, Sk, i) }
      dc[i] += decay.fromStart[i] * start - end
      ends += end
      if fault == .diagonalTwice {
        // <q_i, dq_i> has it and so has <k_i, dk_i>; exact, it is their difference that has not.
        let term = dP[i, i] * QK[i, i]
        dc[i] += dP[i, i].asTensorCoreOperand * QK[i, i].asTensorCoreOperand - term
      }
      for j in 0..<i {
        var crossing = dP[i, j] * QK[i, j] * decay.gamma[i, j]
        if fault != .decayGradientWithoutInverse { crossing += dA[i, j] * A[i, j] }
        dc[i] += crossing
        dc[j] -= fault == .crossingSumBF16 ? crossing.rounded(to: .bf16) : crossing
      }
    }
    // What belongs to the end of the chunk: a row past the end of a partial chunk is dropped with what it holds.
    if fault == .decayGradientOnDeadRow && L < length { ends = 0 }
    return reverseSum(of: dc, ends: ends).enumerated().map { $1 / g[$0] }
  }

  /// dlog g_t = ends + sum_(i >= t) dc_i.
  private func reverseSum(of dc: [R], ends: R) -> [R] {
    var dlog = [R](repeating: 0, count: L)
    let total = dc.reduce(ends, +)
    var (sum, prefix) = (ends, R.zero)
    for t in (0..<L).reversed() {
      dlog[t] = sum
      sum += dc[t]
      if fault != .reverseSumExclusive { dlog[t] = sum }
    }
    guard fault == .reverseSumFromTotal else { return dlog }
    for t in 0..<L {
      dlog[t] = total - prefix
      prefix += dc[t]
    }
    return dlog
  }
}
