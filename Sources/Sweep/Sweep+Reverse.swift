/// One token back, four rows at a time; D is the cotangent of the state after the token:
///
///     D' = D + dy q;  h = D'.k;  bh = beta h;  dv = bh;  dbeta = Σ h w
///     dq = Σ dy s';   dk = Σ delta D' - bh d
///     Dd = D' - bh k;  dg = Σ Dd.s  (per channel: dg_j = Σ Dd_j s_j);  D <- g Dd
///
/// (sums over the rows), and beside it, with F the bound on the 2-norm of the error of a row of D,
///
///     f      = F + u (|D'| + |dy| |q|) + 2 sqrt(K) eta
///     e_h    = |k| f + K u (|D'|.|k|) + 2 K eta
///     e_bh   = |beta| (1 + eps_beta) e_h + (2 u + eps_beta) |bh| + eta
///     AN_dv  = |beta| (1 + eps_beta) e_h + (u + eps_beta) |bh| + eta
///     AN_dβ  = Σ e_h (|w| + e_w) + |h| e_w + V u |h w| + 2 eta
///     AN_dq_j = Σ E' |dy| + V u |s'_j dy| + 2 eta
///     AN_dk_j = Σ f (|delta| + e_delta) + e (|bh| + e_bh) + |D'_j| e_delta + |d_j| e_bh
///                 + (V + 1) u (|D'_j delta| + |d_j bh|) + 4 eta
///     f'     = rho f + |k| (|beta| (K u (|D'|.|k|) + 2 K eta) + (2 u + eps_beta) |bh| + eta)
///                 + u (|Dd| + |bh| |k|) + 2 sqrt(K) eta
///     AN_dg  = Σ f' (|s| + E) + |Dd| E + (K + V) u (|Dd|.|s|) + 2 K eta      (s, E: before the token)
///     F     <- max_j (g_j (1 + eps_gj)) f' + u |D| + |eps_g D| + sqrt(K) eta
///
/// Per channel dg_j sums over the rows alone, and one component of a row is no further off than the row:
///
///     AN_dg_j = Σ f' (|s_j| + E) + |Dd_j| E + (V + 1) u |Dd_j s_j| + 2 eta
///
/// Where key and query are off by e_k and e_q, f grows by |dy| e_q, e_h by |D'| e_k, and f' by |bh| e_k and by
/// |k| |beta| |D'| e_k.
///
/// A sum over the value heads of a group adds R u Σ |head's term|, R heads to the group. Where the shares are rounded
/// to a coarser format one by one, dk has two in each head, Σ delta D' and -Σ bh d: 2 R u Σ |share|.
extension Sweep {
  func retreat(slot: Int) {
    scratch.clearSums(bounds: Mode.measures, rest: Mode.perChannel || splitsKeyGradient)
    var sums = TokenSums()
    for n in 0..<blocks {
      let row = slot * blocks + n
      let dy = scratch.dy[n]
      let (h, h_, D) = absorb(dy, block: n)
      var block = BlockBound()
      if Mode.measures {
        block =
          isChunked
          ? boundChunk(row: row, n: n, h: h, D: D) : bound(row: row, n: n, h: h, h_: h_, D: D)
      }
      let erased = erase(h * beta, row: row, n: n, block, &sums)
      sums.dbeta += h * scratch.w[row]
      store(h * beta, block: n, at: values.dv + token * V)
      guard Mode.measures else { continue }
      if isChunked {
        boundChunk(erased, block, row: row, n: n, &sums)
      } else {
        bound(erased, block, row: row, n: n, &sums)
      }
      sums.dg_ += erased.inner_
    }
    if Mode.measures, let pairs { keepPair(pairs, slot: slot) }
    finish(sums)
  }

  /// D' = D + dy q and h = D'.k; with |D'|.|k| and |D'|.
  @inline(__always)
  private func absorb(_ dy: Rows, block n: Int) -> (h: Rows, h_: Rows, norm: Rows) {
    let (k, q, D) = (k, q, scratch.D + n * K)
    var (h, h_, DD) = (Rows.zero, Rows.zero, Rows.zero)
    for j in 0..<K {
      let Dj = D[j] + dy * q[j]
      D[j] = Dj
      h += Dj * k[j]
      if Mode.measures {
        h_ += (Dj * k[j]).magnitude
        DD += Dj * Dj
      }
    }
    return (h, h_, DD.root)
  }

  /// The sums over rows, Dd = D' - bh k, and D <- g Dd.
  @inline(__always)
  private func erase(
    _ bh: Rows, row: Int, n: Int, _ block: BlockBound, _ sums: inout TokenSums
  ) -> Erased {
    let (k, g, epsilon) = (k, g, epsilon)
    let (dq, dk, dg) = (scratch.dq, scratch.dk, scratch.dg)
    let (dq_, dk_, dg_, bound_dg) = (
      scratch.absolute_dq, scratch.absolute_dk, scratch.absolute_dg, scratch.bound_dg
    )
    let s = scratch.history + row * K
    let (after, D) = (s + blocks * K, scratch.D + n * K)
    let (dy, delta) = (scratch.dy[n], scratch.delta[row])
    let E = Mode.measures ? scratch.error[row] : .zero
    var (inner, inner_) = (Rows.zero, Rows.zero)
    var (DdDd, DD, eDeD) = (Rows.zero, Rows.zero, Rows.zero)
    for j in 0..<K {
      let (Dj, d) = (D[j], s[j] * g[j])
      let Dd = Dj - bh * k[j]
      let next = Dd * g[j]
      D[j] = next
      dq[j] += after[j] * dy
      dk[j] += Dj * delta - bh * d
      if Mode.perChannel { dg[j] += Dd * s[j] } else { inner += Dd * s[j] }
      guard Mode.measures else { continue }
      if splitsKeyGradient { scratch.read_dk[j] += bh * d }
      dq_[j] += (after[j] * dy).magnitude
      dk_[j] += Dj.magnitude * block.perD + d.magnitude * block.perd
      DdDd += Dd * Dd
      if Mode.perChannel {
        dg_[j] += (Dd * s[j]).magnitude
        bound_dg[j] += Dd.magnitude * E
        DD += next * next
        eDeD += (next * epsilon[j]) * (next * epsilon[j])
      } else {
        inner_ += (Dd * s[j]).magnitude
      }
    }
    sums.dg += inner
    let Dd = DdDd.root
    let norm = Mode.perChannel ? DD.root : Dd * largestDecay
    let rounding = Mode.perChannel ? eDeD.root : norm * decayError
    return Erased(Dd: Dd, inner_: inner_, D: norm, rounding: rounding)
  }

  /// What a block contributes before k is erased from D'.
  @inline(__always)
  private func bound(row: Int, n: Int, h: Rows, h_: Rows, D: Rows) -> BlockBound {
    let (k, size) = (keyNorm, beta.magnitude)
    let eta = ErrorModel.eta
    let rootEta = Double(K).squareRoot() * eta
    let (Ku, V1u) = (Double(K) * u, Double(V + 1) * u)
    let (dy, bh) = (scratch.dy[n].magnitude, (h * beta).magnitude)
    let (w, delta) = (scratch.w[row].magnitude, scratch.delta[row].magnitude)
    let (e, eW, eDelta) = (scratch.errorOfD[row], scratch.errorOfW[row], scratch.errorOfDelta[row])

    let Keta = 2 * Double(K) * eta
    let (once, twice) = (u + write, 2 * u + write)

    var f: Rows = D + dy * queryNorm
    f = scratch.F[n] + f * u
    f += Rows(repeating: 2 * rootEta)
    f += dy * ofQuery
    var eH: Rows = f * k
    eH += h_ * Ku
    eH += Rows(repeating: Keta)
    eH += D * ofKey
    let carried: Rows = eH * (size * (1 + write)) + eta
    let eBh: Rows = carried + bh * twice
    let dv: Rows = carried + bh * once
    store(dv, block: n, at: bounds.dv + token * V)

    var block = BlockBound()
    block.perD = eDelta + delta * V1u
    block.perd = eBh + bh * V1u
    block.dk = f * (delta + eDelta)
    block.dk += e * (bh + eBh)
    block.dk += 4 * eta
    block.dq = scratch.error[row + blocks] * dy
    block.dq += 2 * eta
    block.dbeta = eH * (w + eW)
    block.dbeta += h.magnitude * eW
    block.dbeta += (h.magnitude * w) * (Double(V) * u)
    block.dbeta += 2 * eta
    var fresh: Rows = h_ * (Ku * size)
    fresh += D * (ofKey * size)
    fresh += bh * (twice + u)
    fresh += Keta * size + eta
    block.f = f * rho
    block.f += fresh * k
    block.f += 2 * rootEta
    block.f += bh * ofKey
    largest = largest.maximum(D).maximum(h_).maximum(bh * k)
    return block
  }

  /// What a block contributes once k is erased.
  @inline(__always)
  private func bound(_ erased: Erased, _ block: BlockBound, row: Int, n: Int, _ sums: inout TokenSums) {
    let eta = ErrorModel.eta
    let (norm, E) = (scratch.norm[row], scratch.error[row])
    let f = block.f + erased.Dd * u
    if Mode.perChannel {
      let s = scratch.history + row * K
      for j in 0..<K { scratch.bound_dg[j] += f * (s[j].magnitude + E) + 2 * eta }
    } else {
      let rounding = Double(K + V) * u
      let underflow = 2 * Double(K) * eta
      var bound = f * (norm + E)
      bound += erased.Dd * E
      bound += erased.inner_ * rounding
      sums.bound_dg += bound + underflow
    }
    sums.bound_dk += block.dk
    sums.bound_dq += block.dq
    sums.bound_dbeta += block.dbeta
    let rootEta = Double(K).squareRoot() * eta
    var F = f * growth
    F += erased.D * u
    F += erased.rounding
    scratch.F[n] = F + rootEta
    largest = largest.maximum(erased.inner_)
  }
}

/// What one block of rows contributes to the bounds of a token.
struct BlockBound {
  /// Of each |D'_j| and of each |d_j| in AN_dk_j.
  var (perD, perd) = (Rows.zero, Rows.zero)
  /// The parts that do not depend on j.
  var (dk, dq, dbeta) = (Rows.zero, Rows.zero, Rows.zero)
  /// f' without its u |Dd|.
  var f = Rows.zero
  /// Chunked form: the block's crossing terms, and A-, R- and Q.
  var (crossing, A_, R_, Q) = (Rows.zero, Rows.zero, Rows.zero, Rows.zero)
  /// Chunked form: what a pair of terms loses where a product of decays underflows.
  var flushed = Rows.zero
  /// Chunked form: what the products of cotangents with the writes of other tokens, and with the rows of the state,
  /// may come to.
  var product = Rows.zero
}

/// What erasing k from D' leaves to bound: |Dd|, |Dd|.|s|, and |D| and |eps_g D| after the decay.
struct Erased {
  var (Dd, inner_, D, rounding) = (Rows.zero, Rows.zero, Rows.zero, Rows.zero)
}

/// Sums over the rows of one head at one token, lane by lane; those with an index j are in the scratch.
struct TokenSums {
  var (dbeta, dg) = (Rows.zero, Rows.zero)
  /// Σ |Dd|.|s|.
  var dg_ = Rows.zero
  var (bound_dk, bound_dq, bound_dbeta, bound_dg) = (Rows.zero, Rows.zero, Rows.zero, Rows.zero)
  /// Chunked form: what forming dlog g from pairs of tokens loses, here and at every earlier token of the chunk.
  var (pairs, crossing) = (Rows.zero, Rows.zero)
  /// The same sums of the blocks' products.
  var product = Rows.zero
}
