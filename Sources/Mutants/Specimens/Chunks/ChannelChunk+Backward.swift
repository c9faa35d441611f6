import GatedDeltaRule

extension ChannelChunk {
  /// With dB = -beta dA, and c the running sums:
  ///
  ///     dU = P^T dY + (toEnd o k) dS^T;   Z = (I - A)^-T dU;   dA = strict(Z U^T);   dP = lower(dY U^T)
  ///     N_ijn = Gamma_ijn k_jn (dP_ij q_in + dB_ij k_in);   dc_i += N_ij,  dc_j -= N_ij
  ///     dq_in = sum_j dP_ij Gamma_ijn k_jn + fromStart_in (dY S)_in
  ///     dk_in = sum_j dB_ij Gamma_ijn k_jn + sum_j Gamma_jin (dP_ji q_jn + dB_ji k_jn)
  ///             - beta_i fromStart_in (Z S)_in + toEnd_in (U dS)_in
  func gradients(_ S: Matrix<R>, _ dS: Matrix<R>) -> ChunkGradients<R> {
    let (K, V) = (k.columns, v.columns)
    let decay =
      fault == .backwardWithoutRunningSum ? ChannelDecay(g, subBlock: solve.subBlock, fault) : decay
    let written = Matrix(L, K) { decay.toEnd[$0, $1] * k[$0, $1] }
    var Z = Matrix<R>(L, V) { written.dot($0, dS, $1) }
    for i in 0..<L { for j in i..<L { Z.add(P[j, i], dy, j, to: i) } }
    solve.transposed(A, &Z)
    let dP = Matrix<R>(L, L) { i, j in j <= i ? dy.dot(i, U, j) : 0 }
    let dB = Matrix<R>(L, L) { i, j in j < i ? -beta[i] * Z.dot(i, U, j) : 0 }

    var found = ChunkGradients(
      dq: Matrix(L, K), dk: Matrix(L, K), dv: Matrix(L, V) { beta[$0] * Z[$0, $1] }, dg: Matrix(L, K),
      dbeta: [], dstate: Matrix(S.rows, K) { decay.whole[$1] * dS[$0, $1] })
    var dc = Matrix<R>(L, K)
    addPairs(dP, dB, decay, &found, &dc)
    let ends = addStates(S, dS, Z, decay, &found, &dc)
    found.dg = decayGradient(dc, ends: ends)
    let read = Matrix(L, K) { decay.fromStart[$0, $1] * k[$0, $1] }
    found.dbeta = (0..<L).map { i in
      var sum: R = 0
      for m in 0..<V { sum += Z[i, m] * (v[i, m] - read.dot(i, S, m)) }
      for j in 0..<i { sum -= Z.dot(i, U, j) * B[i, j] }
      return sum
    }
    return found
  }

  private func addPairs(
    _ dP: Matrix<R>, _ dB: Matrix<R>, _ decay: ChannelDecay<R>, _ found: inout ChunkGradients<R>,
    _ dc: inout Matrix<R>
  ) {
    for i in 0..<L {
      for j in 0...i {
        let isBefore = j < i / solve.subBlock * solve.subBlock
        for n in 0..<k.columns {
          let factor = decay.factor(i, j, n)
          let later = factor * (dP[i, j] * q[i, n] + dB[i, j] * k[i, n])
          found.dq[i, n] += dP[i, j] * factor * k[j, n]
          if !(fault == .keyGradientWithoutLater && isBefore) {
            found.dk[i, n] += dB[i, j] * factor * k[j, n]
          }
          found.dk[j, n] += later
          let inverse = fault == .decayGradientWithoutInverse ? factor * dB[i, j] * k[i, n] : 0
          guard j < i else { continue }
          dc[i, n] += (later - inverse) * k[j, n]
          dc[j, n] -= (later - inverse) * k[j, n]
        }
      }
    }
    if fault == .rowsPastEndOverflow && L < length {
      for j in 0..<L { for n in 0..<k.columns { found.dk[j, n] += decay.past(n) } }
    }
  }

  /// The terms through the state; what belongs to the end of the chunk is returned, channel by channel.
  private func addStates(
    _ S: Matrix<R>, _ dS: Matrix<R>, _ Z: Matrix<R>, _ decay: ChannelDecay<R>,
    _ found: inout ChunkGradients<R>, _ dc: inout Matrix<R>
  ) -> [R] {
    var ends = (0..<k.columns).map { n in
      (0..<S.rows).reduce(R.zero) {
        $0 + (fault == .chunkDecayWithoutState ? 0 : decay.whole[n] * S[$1, n] * dS[$1, n])
      }
    }
    for i in 0..<L {
      for n in 0..<k.columns {
        var (read, write, end) = (R.zero, R.zero, R.zero)
        for m in 0..<S.rows {
          read += dy[i, m] * S[m, n]
          write -= beta[i] * Z[i, m] * S[m, n]
          end += U[i, m] * dS[m, n]
          found.dstate[m, n] += decay.fromStart[i, n] * (dy[i, m] * q[i, n] - beta[i] * Z[i, m] * k[i, n])
        }
        found.dq[i, n] += decay.fromStart[i, n] * read
        found.dk[i, n] += decay.fromStart[i, n] * write + decay.toEnd[i, n] * end
        dc[i, n] += decay.fromStart[i, n] * (read * q[i, n] + write * k[i, n])
        dc[i, n] -= decay.toEnd[i, n] * end * k[i, n]
        ends[n] += decay.toEnd[i, n] * end * k[i, n]
      }
    }
    return ends
  }

  /// dlog g_t = ends + sum_(i >= t) dc_i,   dg = dlog g / g.
  private func decayGradient(_ dc: Matrix<R>, ends: [R]) -> Matrix<R> {
    var dg = Matrix<R>(L, k.columns)
    for n in 0..<k.columns {
      var sum = ends[n]
      for t in (0..<L).reversed() {
        let before = sum
        sum += dc[t, n]
        dg[t, n] = (fault == .reverseSumExclusive ? before : sum) / g[t, n]
      }
    }
    guard fault == .channelGradientOfHead else { return dg }
    return Matrix(L, k.columns) { t, _ in (0..<k.columns).reduce(R.zero) { $0 + dg[t, $1] } }
  }
}
