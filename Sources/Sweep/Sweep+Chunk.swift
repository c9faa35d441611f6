import GatedDeltaRule

import Machine

/// The bound of the chunked (UT/WY) form, where it differs from the sequential one.
///
/// A chunk computes delta_t by substitution and nothing else of the state: call the *implied* state the exact
/// combination gam_t M + Σ_{s<=t} Gamma_ts delta_s k_s of what it has. Then rounding enters at reads alone, and
/// a read sees the terms before they cancel. With M the row at the start of the chunk (as an implementation has it:
/// its norm is |M| and the bound on its error), m what is left of |M|, and c and A the magnitudes of one term and
/// of all,
///
///     A- = g A;  m- = g m;  L- = g (L + (1 + |log g|) A)
///     c  = |delta| + 2 |beta| |k| m-                               V and K M solved apart, or together
///     A  = A- + c |k|;  m = rho m-;  L = L- + 4 c |k| + 2 (|s'| + 2 m)         A = m = |M|, L = 10 |M| at first
///
/// a read of n terms loses, beside the Dk products of its dots, what L collects: (1 + |log g|) A for the rounding of
/// Gamma_ts, a product or exp(G_t - G_s); 4 for the factors of a term; and 2 (|s'| + 2 m) for the partial sums, which
/// are differences of earlier states if the oldest term comes first. If it comes last they are as large as the whole:
///
///     R- = L- + n g (|s| + 2 m);   R = L + n (|s'| + 2 m)
///
/// The read for w_t loses u |k| (K A- + R-), the one for y_t u |q| (K A + R), and the state that ends the chunk u R.
/// A loss λ in the read spreads along k_t only:
///
///     E'^2 = e^2 + beta λ^2 / (2 - theta),  theta = beta |k|^2 < 2
///
/// from ((1 - theta) x + theta y)^2 <= x^2 + theta y^2 / (2 - theta), so that losses add in quadrature, since each
/// write erases what the one before it left along the same key.
///
/// Backward the same with B, P, Q for A, L, R: terms dy q and -bh k, from |D| at the end of the chunk. There the
/// right-hand side takes all of dy q before substitution takes bh k, so the partial sums are those of D and of an X
/// that nothing is erased from, X <- g (X + dy q): 2 |D'| + 4 |X'| in P, and 2 |Dd|; n (|D'| + 2 |X'|) in Q.
///
/// The decay's gradient is a sum over pairs of a term of B and one of A, and over the rest of the chunk if it is
/// formed from differences of row and column sums, C tokens to the chunk:
///
///     el      += u Σ ( (C + K + V) B A- + Q A- + B R- )
///     crossing = u Σ_{s >= t in the chunk} (C + K + V) Σ ( |dy| |q| A + H |k| A- + c |k| B )_s,   H = |beta| |k| B
///
/// dq, dk and dbeta lose u (V A + R) |dy|, u ((V B + Q) c + (V A- + R-) H), and u (V + 4) |k| B (|w| + 2 |k| A-)
/// over the rows.
///
/// A product q.k or k.k of two tokens may underflow: it loses 2 K eta, and that is multiplied by a write. With
///
///     W = g W + c   from 0,   Z = g (Z + |dy| + |bh|)   backward from 0,
///
/// the read for y_t loses 2 K eta W, the one for w_t as much, and h, from D, 2 K eta Z. The largest numbers on the way
/// are sums over rows of a cotangent times W or A, and of bh times what no decay has made smaller yet, U = |M| + Σ |beta v|.
///
/// A product of decays may underflow before the state or a write that it multiplies is large: it loses eta times that. With
///
///     N = N + c |k|   from |M|,   Y = Y + |dy| |q| + |bh| |k|   backward from |D|
///
/// never decayed, the read for y_t loses eta N |q|, the one for w_t eta N |k|, the state at the end of the chunk eta N, h
/// eta Y |k|, dq eta N |dy|, dk eta (Y c + N H), and a pair of terms in the decay's gradient eta (Y A- + N B). Where an operand
/// times its decay is rounded to a format of less range, each of its K channels loses what that loses below its normal
/// numbers.
///
/// A key and a query that are not as they are given but off by vectors of the norms e_k and e_q (see `QueryKeyLayer`) are
/// the same ones wherever an implementation takes them: what becomes of that is what becomes of it in the recurrence.
/// λ grows by |d| e_k and E' by |delta| e_k, which is not along k_t and so is added as it is, and |s'| e_q is y's.
///
/// If the operands of the products are rounded to a coarser format, of roundoff p, and the sums are not, a product of n
/// terms loses n u + 2 p in place of n u, and what is stored between products p in place of u. A write then does not
/// erase what the one before it left, since the inverse of the triangular matrix is rounded and no token sees the
/// rounded write of another: losses add up, not in quadrature.
extension Sweep {
  /// What underflow of a product of decays loses, over what it multiplies: a vector of this norm, and as an operand of it.
  @inline(__always)
  func flushed(_ norm: Double) -> Double { ErrorModel.eta * norm + flushOfOperand }

  /// max_j g_j (1 + |log g_j|), zero where g is.
  func decayTimesLog() -> Double {
    var largest = 0.0
    for j in 0..<width where g[j] > 0 {
      largest = max(largest, g[j] * (1 + log(g[j]).magnitude))
    }
    return largest
  }

  /// Whether live tokens `i` and `i - 1` lie in different chunks; true before the first and after the last.
  func startsChunk(_ i: Int) -> Bool {
    guard let chunk = model.chunk else { return false }
    return i == 0 || i == live.count || live[i] / chunk != live[i - 1] / chunk
  }

  /// The state that ends a chunk is rounded, and its row is all there is at the start of the next.
  func startChunk(slot: Int) {
    for row in slot * blocks..<(slot + 1) * blocks {
      scratch.error[row] += endOfChunk(row: row)
      let size = scratch.norm[row] + scratch.error[row]
      (scratch.A[row], scratch.L[row], scratch.m[row]) = (size, size * 10, size)
      (scratch.W[row], scratch.U[row], scratch.N[row]) = (.zero, size, size)
      largest = largest.maximum(size)
    }
  }

  /// What forming the last state of a chunk loses; nothing before the first.
  @inline(__always)
  func endOfChunk(row: Int) -> Rows {
    let whole: Rows = scratch.norm[row] + scratch.m[row] * 2
    return scratch.L[row].replacing(with: scratch.L[row] + whole * chunkLength, where: scratch.L[row] .> 0)
      * stored + scratch.N[row] * flushed(1)
  }

  /// The same backward.
  @inline(__always)
  func endOfChunkBackward(block n: Int) -> Rows {
    (scratch.P[n] + scratch.whole_D[n] * chunkLength) * stored + scratch.Y[n] * flushed(1)
  }

  /// The same backward; `F` bounds the error of D.
  func endChunk() {
    crossing = 0
    for n in 0..<blocks {
      scratch.F[n] += endOfChunkBackward(block: n)
      let size = scratch.norm_D[n] + scratch.F[n]
      (scratch.B[n], scratch.P[n], scratch.Z[n], scratch.Y[n]) = (size, size * 10, .zero, size)
      largest = largest.maximum(size)
      (scratch.X + n * K).update(from: scratch.D + n * K, count: K)
      pairs?.end[n] = size
    }
    pairs?.begin()
  }

  /// What is left of the chunk at one token, for one block.
  @inline(__always)
  func chunkTerms(row: Int, delta: Rows, s: Rows) -> ChunkTerms {
    let k = keyNorm
    let n = reads
    var terms = ChunkTerms()
    terms.A_ = scratch.A[row] * largestDecay
    let L_: Rows = scratch.L[row] * largestDecay + scratch.A[row] * decayLog
    let m_ = scratch.m[row] * largestDecay
    terms.c = delta + m_ * (2 * beta.magnitude * k)
    terms.m = m_ * rho
    terms.A = terms.A_ + terms.c * k
    terms.W_ = scratch.W[row] * largestDecay
    terms.W = terms.W_ + terms.c
    terms.N_ = scratch.N[row]
    terms.N = terms.N_ + terms.c * k
    let whole: Rows = s + terms.m * 2
    terms.L = L_ + terms.c * (4 * k) + whole * 2
    terms.R_ = L_ + (scratch.norm[row] * largestDecay + m_ * 2) * n
    terms.R = terms.L + whole * n
    return terms
  }

  /// How a loss in the read along k spreads: the smaller of the sum and the quadrature.
  @inline(__always)
  func spread(_ e: Rows, _ loss: Rows) -> Rows {
    let sum: Rows = e * rho + loss * (beta.magnitude * keyNorm)
    let theta = beta * (1 + write) * keyNorm * keyNorm
    guard theta >= 0, theta < 2, ofOperand == 0 else { return sum }
    let square: Rows = e * e + loss * loss * (beta / (2 - theta))
    return sum.minimum(square.root)
  }

  /// Forward: from the exact row to E' and the bound on y.
  @inline(__always)
  func boundChunkForward(row: Int, w: Rows, delta: Rows, rounding: Rows, s: Rows) -> Rows {
    let eta = 2 * Double(K) * etaOfProducts
    let size = delta.magnitude
    let terms = chunkTerms(row: row, delta: size, s: s)
    let e: Rows = scratch.error[row] * growth + rounding + eta
    var loss: Rows = (terms.A_ * ofProducts(Double(K)) + terms.R_ * stored) * keyNorm
    loss += w.magnitude * stored + (terms.W_ + 1) * eta + terms.N_ * flushed(keyNorm)
    loss += scratch.norm[row] * (largestDecay * ofKey)
    scratch.errorOfD[row] = e
    scratch.errorOfW[row] = e * keyNorm + loss
    var fresh: Rows = scratch.errorOfW[row] * beta.magnitude * (1 + write)
    fresh += size * (stored + write)
    scratch.errorOfDelta[row] = fresh + etaOfProducts
    let next: Rows =
      spread(e, loss + w.magnitude * (stored + write)) + eta * keyNorm + size * ofKey
    let after = row + blocks
    (scratch.error[after], scratch.norm[after]) = (next, s)
    (scratch.A[after], scratch.L[after], scratch.m[after]) = (terms.A, terms.L, terms.m)
    (scratch.W[after], scratch.N[after]) = (terms.W, terms.N)
    scratch.U[after] = scratch.U[row] + scratch.v[row % blocks].magnitude * beta.magnitude
    largest = largest.maximum(terms.A).maximum(terms.c * keyNorm)
    var y: Rows = next * queryNorm
    y += (terms.A * ofProducts(Double(K)) + terms.R * stored) * queryNorm
    y += s * ofQuery + terms.N * flushed(queryNorm)
    return y + (terms.W + 1) * eta
  }

  /// Backward, before k is erased from D'.
  @inline(__always)
  func boundChunk(row: Int, n: Int, h: Rows, D: Rows) -> BlockBound {
    let (k, size) = (keyNorm, beta.magnitude)
    let eta = 2 * Double(K) * etaOfProducts
    let (dy, bh) = (scratch.dy[n].magnitude, (h * beta).magnitude)
    let (w, delta) = (scratch.w[row].magnitude, scratch.delta[row].magnitude)
    let (e, eW, eDelta) = (scratch.errorOfD[row], scratch.errorOfW[row], scratch.errorOfDelta[row])
    let terms = chunkTerms(row: row, delta: delta, s: scratch.norm[row + blocks])
    let f: Rows = scratch.F[n] + eta + dy * ofQuery
    let B: Rows = scratch.B[n] + dy * queryNorm
    let X = collect(block: n)
    let P: Rows = scratch.P[n] + dy * (4 * queryNorm) + (D + X * 2) * 2
    let Q: Rows = P + (D + X * 2) * rest
    let Z: Rows = scratch.Z[n] + dy
    let Y: Rows = scratch.Y[n] + dy * queryNorm
    var loss: Rows = (B * ofProducts(Double(K)) + Q * stored) * k + (Z + 1) * eta
    loss += D * ofKey + Y * flushed(k)
    let eH: Rows = f * k + loss
    let carried: Rows = eH * (size * (1 + write)) + etaOfProducts
    let eBh: Rows = carried + bh * (2 * stored + write)
    store(carried + bh * (stored + write), block: n, at: bounds.dv + token * V)

    let H: Rows = B * (size * k)
    if let pairs { keepPair(pairs, n: n, row: row, bh: h * beta, H: H, c: terms.c) }
    var block = BlockBound()
    block.perD = eDelta
    block.perd = eBh
    block.dk = f * (delta + eDelta) + e * (bh + eBh)
    let dotted = ofProducts(Double(V))
    block.dk += (B * dotted + Q * stored) * terms.c
    block.dk += (terms.A_ * dotted + terms.R_ * stored) * H
    block.dk += (Y * terms.c + terms.N_ * H) * flushed(1)
    block.dk += 4 * etaOfProducts
    block.dq = scratch.error[row + blocks] * dy
    block.dq += (terms.A * dotted + terms.R * stored) * dy
    block.dq += terms.N * dy * flushed(1)
    block.dq += 2 * etaOfProducts
    block.dbeta = eH * (w + eW) + h.magnitude * eW
    let read: Rows = w + terms.A_ * (2 * k)
    block.dbeta += read * B * (k * (dotted + 4 * stored))
    block.dbeta += 2 * etaOfProducts
    block.f = spread(f, loss + h.magnitude * (2 * stored + write)) + eta * k + bh * ofKey
    block.crossing = terms.A * dy * queryNorm
    block.crossing += (H * terms.A_ + terms.c * B) * k
    (block.A_, block.R_, block.Q) = (terms.A_, terms.R_, Q)
    block.flushed = (Y * terms.A_ + terms.N_ * B) * flushed(1)
    scratch.whole_D[n] = (X * 2 + D) * largestDecay
    block.product = dy * (terms.W + terms.A) + bh * (terms.W_ + terms.A_ + scratch.U[row + blocks])
    (scratch.Z[n], scratch.Y[n]) = (Z + bh, Y + bh * k)
    scratch.B[n] = B + bh * k
    scratch.P[n] = P + bh * (4 * k)
    largest = largest.maximum(B).maximum(block.crossing)
    return block
  }

  /// X' = X + dy q and X <- g X'; returns |X'|.
  @inline(__always)
  private func collect(block n: Int) -> Rows {
    let (q, g, X, dy) = (q, g, scratch.X + n * K, scratch.dy[n])
    var square = Rows.zero
    for j in 0..<K {
      let Xj = X[j] + dy * q[j]
      square += Xj * Xj
      X[j] = Xj * g[j]
    }
    return square.root
  }

  /// Backward, once k is erased: |Dd| and |D| after the decay.
  @inline(__always)
  func boundChunk(_ erased: Erased, _ block: BlockBound, row: Int, n: Int, _ sums: inout TokenSums) {
    let (norm, E) = (scratch.norm[row], scratch.error[row])
    let B = scratch.B[n]
    let P: Rows = scratch.P[n] + erased.Dd * 2
    let pairs = ofProducts(Double((model.chunk ?? 0) + K + V))
    sums.pairs += (B * pairs + (block.Q + erased.Dd * 2) * stored) * block.A_
    sums.pairs += B * block.R_ * stored + block.flushed
    if Mode.perChannel {
      let s = scratch.history + row * K
      for j in 0..<K { scratch.bound_dg[j] += block.f * (s[j].magnitude + E) }
    } else {
      sums.bound_dg += block.f * (norm + E) + erased.Dd * E
    }
    sums.bound_dk += block.dk
    sums.bound_dq += block.dq
    sums.bound_dbeta += block.dbeta
    sums.crossing += block.crossing * pairs
    sums.product += block.product
    scratch.F[n] = block.f * growth + erased.rounding + etaOfProducts * Double(K)
    scratch.B[n] = B * largestDecay
    scratch.Z[n] *= largestDecay
    scratch.P[n] = P * largestDecay + B * decayLog
    scratch.norm_D[n] = erased.D
    largest = largest.maximum(B)
  }
}

/// The terms of the implied state at one token: before it (with an underscore) and after.
struct ChunkTerms {
  var (A_, A, L, m, c) = (Rows.zero, Rows.zero, Rows.zero, Rows.zero, Rows.zero)
  var (W_, W) = (Rows.zero, Rows.zero)
  /// Of which no decay has made anything smaller.
  var (N_, N) = (Rows.zero, Rows.zero)
  /// What a read loses beside the products of its dots.
  var (R_, R) = (Rows.zero, Rows.zero)
}
