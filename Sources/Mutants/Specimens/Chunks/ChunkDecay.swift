import GatedDeltaRule

/// The decay inside a chunk, from the running sum c of log g:
///
///     Gamma_ij = exp(c_i - c_j) (j <= i),   fromStart_i = exp(c_i),   toEnd_i = exp(c_last - c_i),   whole = exp(c_last)
struct ChunkDecay<R: Scalar> {
  let gamma: Matrix<R>
  let fromStart: [R]
  let toEnd: [R]
  let whole: R
  /// c at the end of the chunk.
  let sum: R

  /// `carried` is c at the end of the chunk before, `length` the tokens of a full chunk.
  init(_ g: [R], length: Int, carried: R, _ fault: Fault?) {
    let L = g.count
    var c: [R] = []
    var sum: R = fault == .runningSumGlobal ? carried : 0
    for (i, g) in g.enumerated() {
      if fault == .backwardOfHalfChunk && i == length / 2 { sum = 0 }
      sum += R.log(g)
      c.append(fault == .backwardWithoutRunningSum ? R.log(g) : sum)
    }
    if fault == .runningSumBF16 { c = c.map { $0.rounded(to: .bf16) } }
    let last = c.last ?? 0
    let end: R =
      switch fault {
      case .endOfTile where L > 4: c[L / 4 * 4 - 1]
      default: last
      }
    let anchored = fault == .anchorInFuture
    gamma = Matrix(L, L) { i, j in
      anchored ? ChunkDecay.anchored(c, i, j) : ChunkDecay.factor(c[i], c[j], i, j, fault)
    }
    fromStart = c.map { R.exp($0) }
    toEnd = c.map { c in
      let factor = R.exp(fault == .updateWithoutChunkEnd ? -c : last - c)
      return fault == .updateGatedTwice ? factor * factor : factor
    }
    let isPadded = L < length
    switch fault {
    case .endOfPaddedTail where isPadded: whole = 1
    case .lastDecayOnly: whole = g.last ?? 1
    default: whole = R.exp(end)
    }
    self.sum = sum
  }

  /// A product of two factors in bf16, whose anchor is the middle row of the sub-block of sixteen rows.
  private static func anchored(_ c: [R], _ i: Int, _ j: Int) -> R {
    guard j <= i else { return 0 }
    let first = i / 16 * 16
    guard j >= first else { return R.exp(c[i] - c[j]) }
    let anchor = c[first + (min(first + 16, c.count) - first) / 2]
    return R.exp(c[i] - anchor).rounded(to: .bf16) * R.exp(anchor - c[j]).rounded(to: .bf16)
  }

  private static func factor(_ ci: R, _ cj: R, _ i: Int, _ j: Int, _ fault: Fault?) -> R {
    switch fault {
    case .exponentialsFactored where j <= i: return R.exp(ci) * R.exp(-cj)
    case .tieIsZero where j < i: return ci - cj < 0 ? R.exp(ci - cj) : 0
    case .differenceHeldAtFifty where j <= i: return R.exp(max(ci - cj, -50))
    case .maskAfterExponential: return R.exp(ci - cj) * (j <= i ? 1 : 0)
    case .futureVisible: return R.exp(min(ci - cj, 0))
    default: return j <= i ? R.exp(ci - cj) : 0
    }
  }
}
