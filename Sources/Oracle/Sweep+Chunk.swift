/// What the chunked form adds to the bound: it does not round a state after every token but sums a chunk's terms,
/// which may be larger than the state that they cancel to.
///
/// With n the tokens of the chunk so far (back: from here to its end), every output, update and state is a sum of at
/// most n + 1 terms, each a Gram element (K or V products) times a decay factor (at most n products): u times
///
///     c = max(K, V) + 2 n + 3
///
/// times the sum of the terms' magnitudes. Those are, for a row, bounded by a recursion beside the state's own,
/// started from the norm of the row where the chunk begins,
///
///     R  <- g R + |k| |delta|                                             forward, from |s|
///     R' <- g (R' + |dy| |q| + |k| |bh|)                                  back, from |D|
///
/// and enter as
///
///     lambda_w += c u |k| g R        AN_y += c u |q| R         E += c u R     at the end of the chunk
///     e_h      += c u |k| R'         F    += c u R'            at the beginning of the chunk
///     AN_dq    += c u |dy| R         AN_dk += c u (|bh| g R + |delta| R')      AN_dbeta += c u |h| (|w| + 2 |k| g R)
///
/// An error of an update travels on as one of the state does, because substitution is the recurrence.
extension Sweep {
  /// Forward, before the token in `slot`.
  func enterChunk(slot: Int) {
    guard let length = model.chunk else { return }
    let wide = Double(max(K, V) + 3)
    if t / length != currentChunk {
      currentChunk = t / length
      for n in slot * blocks..<(slot + 1) * blocks {
        // What the last chunk's sum lost, with c as it was there.
        scratch.error[n] += scratch.reach[n] * chunkError
        scratch.reach[n] = scratch.norm[n]
      }
    }
    chunkError = (wide + 2 * Double(t % length + 1)) * u
  }

  /// Back, before the token under work.
  func enterChunkBackward() {
    guard let length = model.chunk else { return }
    if t / length != currentChunk {
      currentChunk = t / length
      for n in 0..<blocks {
        scratch.F[n] += scratch.reachOfD[n] * chunkError
        scratch.reachOfD[n] = scratch.normOfD[n]
      }
    }
    // dk has terms from both sides, so the whole chunk counts.
    chunkError = (Double(max(K, V) + 3) + 2 * Double(min(length, shape.T))) * u
  }

  /// The chunk of the last token before a segment.
  func chunk(beforeSegment s: Int) -> Int {
    guard let length = model.chunk, s > 0 else { return -1 }
    return live[s * segment - 1] / length
  }
}
