import GatedDeltaRule

/// What forming the gradient by a scalar decay loses in a chunk, pair by pair.
///
/// With the tokens of the chunk numbered from 1 and Gamma_ij the decay from j to i, the loss depends on the decays through
///
///     N_ij = Gamma_ij ( <dy_i, delta_j> <q_i, k_j> [i >= j]  -  <bh_i, delta_j> <k_i, k_j> [i > j] ),   bh = beta h
///
/// and through what reads the state M before the chunk and what reaches its end, where the cotangent is D. One log g_t
/// is a factor of all that crosses it:
///
///     dlog g_t = Σ_{i >= t > j} N_ij + (rows of M, i >= t) + (columns to the end, j < t) + <M, D>
///
/// delta, bh, M and D are what they are when this begins: what *they* are off by moves the state and its cotangent, and
/// stands in AN_dg. What follows is lost on top, to first order, in the products that N is made of:
///
///     loss_ij = u Gamma_ij ( V |dy_i|.|delta_j| |<q_i, k_j>| + K |<dy_i, delta_j>| |q_i|.|k_j|
///                            + (2 n + 8) |<dy_i, delta_j>| |<q_i, k_j>| )        n tokens; the same with -bh and k for q
///
/// two dots, their product with Gamma, and the sums that a pair passes through. A sum over crossings (`dg=crossings`)
/// loses this where it crosses. Otherwise the rows and columns of N may be summed first, dc_i = Σ_j N_ij - Σ_j N_ji, and
/// then from the end, dlog g_t = Σ_{i >= t} dc_i: the pairs on one side of t cancel and leave what they lost, the
/// diagonal among them; and where rows are <q, dq> and <k, dk>, terms are added up before they are multiplied by q or k:
///
///     loss_ij += u Gamma_ij n |<dy_i, delta_j>| |q_i|.|k_j|;      Σ_{i >= t} n u (|Σ_j N_ij| + |Σ_j N_ji|)
///
/// If V and K M are solved apart, and their shares of the gradient formed apart (`wy=joined` rules it out), then N has
/// terms with c = |delta| + 2 |beta k| m in place of delta (see `Sweep.chunkTerms`); if an inverse is formed and
/// differentiated (`system=inverse`, or nothing said), the cotangent on its way is a sum of terms that have not cancelled
/// yet, |beta k| B in place of |bh|: (n + K + V) u Gamma_ij |bh or |beta k| B|.|c_j| |<k_i, k_j>| more.
///
/// Rows of M and columns to the end lose (K + V + n + 4) u of the norms, <M, D> (C + K + V) u.
///
/// Per channel, for operands rounded to a coarser format, and for chunks of more than `ChunkPairs.limit` tokens the norms
/// alone are looked at (`Sweep+Chunk`).
extension Sweep {
  /// Keeps what one block of the token under work holds; `H` is |beta k| B, `c` the magnitude of its write.
  @inline(__always)
  func keepPair(_ pairs: ChunkPairs, n: Int, row: Int, bh: Rows, H: Rows, c: Rows) {
    let place = pairs.tokens.count * blocks + n
    let delta = scratch.delta[row]
    (pairs.dy[place], pairs.bh[place], pairs.delta[place]) = (scratch.dy[n], bh, delta)
    pairs.cotangents[place] = model.formsInverse ? H.maximum(bh.magnitude) : bh.magnitude
    pairs.writes[place] = c
  }

  /// Keeps the rest of the token, once all blocks are.
  func keepPair(_ pairs: ChunkPairs, slot: Int) {
    pairs.keep(k, count: K, in: pairs.k)
    pairs.keep(q, count: K, in: pairs.q)
    var (readout, read, write) = (0.0, Rows.zero, Rows.zero)
    for n in 0..<blocks {
      let row = slot * blocks + n
      let bh = pairs.bh[pairs.tokens.count * blocks + n]
      read += bh * (scratch.v[n] - scratch.w[row])
      write += bh * scratch.w[row]  // <delta, h> = <w, beta h>
    }
    if let dy = inputs.dy { for i in token * V..<(token + 1) * V { readout += dy[i] * values.y[i] } }
    pairs.append(
      ChunkPairs.Token(
        index: token, g: largestDecay, keyNorm: keyNorm, queryNorm: queryNorm,
        sums: readout.magnitude + read.sum().magnitude + write.sum().magnitude))
  }

  /// Bounds the gradients of a chunk by its decays; `slot` holds the state before it.
  func finishPairs(_ pairs: ChunkPairs, slot: Int) {
    let n = pairs.tokens.count
    losePairs(pairs)
    loseEnds(pairs, slot: slot)
    // Tokens from the last to the first, as they are kept.
    var rows = 0.0
    for p in 0..<n {
      let token = pairs.tokens[p]
      rows += pairs.ofRows[p]
      if !model.sumsCrossings { rows += pairs.ofEnds[p] + Double(n) * u * token.sums }
      guard let pending = token.pending else { continue }
      let el = pending.bound + ErrorModel.eta + rows + pairs.ofCrossings[p] + crossing
      finishDecay(at: token.index, el: el, size: pending.size, g: pending.g)
    }
  }

  /// What the pairs lose: by crossing, or by row and column, together by token. Leaves the decay from each token to the
  /// end in `ofEnds`.
  private func losePairs(_ pairs: ChunkPairs) {
    let (tokens, n) = (pairs.tokens, pairs.tokens.count)
    pairs.layInFours()
    for p in 0..<n { (pairs.ofRows[p], pairs.ofCrossings[p]) = (0, 0) }
    for column in 0..<n {
      var gamma = 1.0
      pairs.gammas[column] = gamma
      for row in (0..<column).reversed() {
        gamma *= tokens[row].g
        pairs.gammas[row] = gamma
      }
      pairs.ofEnds[column] = gamma
      lose(pairs, column: column)
      if model.sumsCrossings {
        var crossing = 0.0
        for row in 0..<column {
          crossing += pairs.losses[row]
          pairs.ofCrossings[row] += crossing
        }
      } else {
        for row in (0...column).reversed() {
          pairs.ofRows[row] += pairs.losses[row]
          pairs.ofRows[column] += pairs.losses[row]
        }
      }
    }
  }

  /// Of the pairs of one column, the later token of each being one of four rows side by side.
  private func lose(_ pairs: ChunkPairs, column: Int) {
    let (keys, blocks) = (pairs.keyBlocks, pairs.blocks)
    let key = ChunkPairs.elements(pairs.k + column * keys)
    let delta = ChunkPairs.elements(pairs.delta + column * blocks)
    let write = ChunkPairs.elements(pairs.writes + column * blocks)
    let isApart = model.formsInverse || model.solvesApart
    let ofApart = (chunkLength + Double(K + V)) * u
    for first in stride(from: 0, through: column, by: 4) {
      let gamma = UnsafeRawPointer(pairs.gammas + first).loadUnaligned(as: Rows.self)
      let (ofKeys, ofRows) = (first * keys, first * blocks)
      let alone = term(
        ChunkPairs.dots(pairs.fourDy + ofRows, delta, blocks),
        ChunkPairs.dots(pairs.fourQ + ofKeys, key, keys), gamma)
      let gram = ChunkPairs.dots(pairs.fourK + ofKeys, key, keys)
      var loss = alone + term(ChunkPairs.dots(pairs.fourBh + ofRows, delta, blocks), gram, gamma)
      if isApart {
        let apart = ChunkPairs.dots(pairs.fourCotangents + ofRows, write, blocks)
        let weight: Rows = gamma * ofApart
        loss += weight * apart.magnitude * gram.value
      }
      // A token with itself is no pair of keys.
      if column < first + 4 { loss[column - first] = alone[column - first] }
      loss.replace(with: 0, where: .!(gamma .> 0))
      UnsafeMutableRawPointer(pairs.losses + first).storeBytes(of: loss, as: Rows.self)
    }
  }

  /// Of products of two dots and Gamma.
  @inline(__always)
  private func term(
    _ a: (value: Rows, magnitude: Rows), _ b: (value: Rows, magnitude: Rows), _ gamma: Rows
  ) -> Rows {
    let (K, V, n) = (Double(K), Double(V), chunkLength)
    var loss: Rows = a.magnitude * V * b.value + a.value * K * b.magnitude
    loss += a.value * (2 * n + 8) * b.value
    if !model.sumsCrossings { loss += a.value * n * b.magnitude }
    var lost: Rows = a.magnitude * K + b.magnitude * V
    lost += a.magnitude * b.magnitude
    lost += 4
    return gamma * u * loss + lost * (2 * ErrorModel.eta)
  }

  /// What the rows of M and the columns to the end lose, and <M, D>: what the gradient of every token has goes into
  /// `crossing`.
  private func loseEnds(_ pairs: ChunkPairs, slot: Int) {
    let n = pairs.tokens.count
    let rounding = (Double(K + V + 4) + chunkLength) * u
    var fromStart = 1.0
    var between = Rows.zero
    for p in (0..<n).reversed() {
      let token = pairs.tokens[p]
      fromStart *= token.g
      var (row, column) = (Rows.zero, Rows.zero)
      for block in 0..<blocks {
        let M: Rows = scratch.norm[slot * blocks + block] + scratch.error[slot * blocks + block]
        let place = p * blocks + block
        row += (pairs.dy[place].magnitude * token.queryNorm + pairs.cotangents[place] * token.keyNorm) * M
        column += pairs.delta[place].magnitude * pairs.end[block]
        if p == 0 { between += M * pairs.end[block] }
      }
      pairs.ofRows[p] += rounding * fromStart * row.sum()
      pairs.ofEnds[p] = rounding * pairs.ofEnds[p] * token.keyNorm * column.sum()
    }
    crossing = (chunkLength + Double(K + V)) * u * fromStart * between.sum()
    // A sum over crossings has the columns before its token; the others start from all of them.
    var before = 0.0
    for p in (0..<n).reversed() {
      if model.sumsCrossings { pairs.ofCrossings[p] += before }
      before += pairs.ofEnds[p]
    }
    if !model.sumsCrossings { crossing += before }
  }
}
