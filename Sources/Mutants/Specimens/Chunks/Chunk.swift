import GatedDeltaRule

/// One chunk of one head in UT/WY form, given the state S [Dv, Dk] before it:
///
///     A_ij = -beta_i <k_i, k_j> Gamma_ij (j < i),     (I - A) U = beta v - W S^T part:
///     V~ = (I - A)^-1 beta v,   W = (I - A)^-1 beta fromStart k,   U = V~ - W S^T
///     Y = fromStart S q + ((Q K^T) o Gamma) U,        S' = whole S + U^T (toEnd K)
struct Chunk<R: Scalar>: ChunkPass {
  let fault: Fault?
  let solve: Solve<R>
  let q: Matrix<R>, k: Matrix<R>  // [L, Dk]
  let v: Matrix<R>, dy: Matrix<R>  // [L, Dv]
  let g: [R], beta: [R]
  let length: Int
  let decay: ChunkDecay<R>
  let KK: Matrix<R>, QK: Matrix<R>
  let A: Matrix<R>
  let corrected: Matrix<R>, uncorrected: Matrix<R>  // U and V~, [L, Dv]

  var L: Int { k.rows }
  var sum: R { decay.sum }

  /// The tokens of one chunk as value head `h` sees them.
  init(
    _ sample: Sample<R>, _ b: Int, _ h: Int, _ tokens: Range<Int>, _ form: ChunkSweep<R>, S: Matrix<R>,
    carried: R
  ) {
    let (K, V, L) = (sample.shape.Dk, sample.shape.Dv, tokens.count)
    let first = tokens.lowerBound
    let keys = tokens.map { sample.key(b, $0, h) }
    let rows = tokens.map { sample.row(b, $0, h) }
    (fault, length) = (sample.fault, form.length)
    solve = Solve(subBlock: form.subBlock, fault: sample.fault)
    q = Matrix(L, K) { sample.q[keys[$0] + $1] }
    k = Matrix(L, K) { sample.k[keys[$0] + $1] }
    v = Matrix(L, V) { sample.v[rows[$0] * V + $1] }
    dy = Matrix(L, V) { sample.dy[rows[$0] * V + $1] }
    (g, beta) = (rows.map { sample.g[$0] }, rows.map { sample.beta[$0] })
    decay = ChunkDecay(g, length: form.length, carried: carried, Chunk.forwardFault(fault))
    (KK, QK) = Chunk.grams(sample, b, h, first, L)
    let (beta, decay, KK, k, v) = (beta, decay, KK, k, v)
    let fault = fault
    A = Matrix(L, L) { i, j in
      guard j < i else { return 0 }
      return -(beta[fault == .betaByColumn ? j : i] * KK[i, j]) * decay.gamma[i, j]
    }
    var U = Matrix(L, V) { beta[$0] * v[$0, $1] }
    var W = Matrix(L, K) { beta[$0] * decay.fromStart[$0] * k[$0, $1] }
    solve(A, &U)
    solve(A, &W)
    if fault == .gainTwice { W = Matrix(L, K) { decay.fromStart[$0] * W[$0, $1] } }
    uncorrected = U
    for i in 0..<L { for n in 0..<V { U[i, n] -= W.dot(i, S, n) } }
    corrected = Chunk.coarse(fault, S, v, k, beta, decay, U, W, solve, A) ?? U
  }

  /// V~ - W S as kernels for tensor cores have it: of a residual that is rounded before beta multiplies it, or of V~ and
  /// W S that are rounded apart.
  private static func coarse(
    _ fault: Fault?, _ S: Matrix<R>, _ v: Matrix<R>, _ k: Matrix<R>, _ beta: [R], _ decay: ChunkDecay<R>,
    _ U: Matrix<R>, _ W: Matrix<R>, _ solve: Solve<R>, _ A: Matrix<R>
  ) -> Matrix<R>? {
    func cut(_ x: R) -> R { x.rounded(to: .bf16) }
    switch fault {
    case .residualEarlyBF16:
      var found = Matrix(U.rows, U.columns) { i, n in
        cut(beta[i]) * cut(v[i, n] - cut(decay.fromStart[i] * k.dot(i, S, n)))
      }
      solve(A, &found)
      return found
    case .updatesApartBF16:
      let coarse = Matrix(W.rows, W.columns) { cut(W[$0, $1]) }
      let state = Matrix(S.rows, S.columns) { cut(S[$0, $1]) }
      return Matrix(U.rows, U.columns) { i, n in
        cut(U[i, n] + W.dot(i, S, n)) - coarse.dot(i, state, n)
      }
    default: return nil
    }
  }

  /// Some faults are in the decay that the backward pass forms again.
  private static func forwardFault(_ fault: Fault?) -> Fault? {
    fault == .backwardWithoutRunningSum || fault == .backwardOfHalfChunk ? nil : fault
  }

  /// K K^T and Q K^T of the key head.
  private static func grams(
    _ sample: Sample<R>, _ b: Int, _ h: Int, _ first: Int, _ L: Int
  ) -> (KK: Matrix<R>, QK: Matrix<R>) {
    let shape = sample.shape
    let head = sample.fault == .gramInTiledOrder ? h % shape.Hk : h / shape.groupSize
    func offset(_ i: Int) -> Int { ((b * shape.T + first + i) * shape.Hk + head) * shape.Dk }
    func product(_ left: [R], _ i: Int, _ j: Int) -> R {
      var sum: R = 0
      for n in 0..<shape.Dk { sum += left[offset(i) + n] * sample.k[offset(j) + n] }
      return sum
    }
    return (Matrix(L, L) { product(sample.k, $0, $1) }, Matrix(L, L) { product(sample.q, $0, $1) })
  }

  /// Y, [L, Dv].
  func outputs(_ S: Matrix<R>) -> Matrix<R> {
    let U = fault == .outputOfUncorrectedUpdates ? uncorrected : corrected
    var Y = Matrix<R>(L, v.columns) { i, n in decay.fromStart[i] * q.dot(i, S, n) }
    let isOpen = fault == .futureVisible || fault == .maskAfterExponential
    for i in 0..<L {
      for j in 0..<(isOpen ? L : i + 1) where !(fault == .ownTokenHidden && j == i) {
        Y.add(fault == .outputUngated ? QK[i, j] : QK[i, j] * decay.gamma[i, j], U, j, to: i)
      }
    }
    return Y
  }

  /// S'.
  func next(_ S: Matrix<R>) -> Matrix<R> {
    var next = Matrix<R>(S.rows, S.columns) { decay.whole * S[$0, $1] }
    for j in 0..<L {
      for n in 0..<S.rows { next.add(decay.toEnd[j] * corrected[j, n], k, j, to: n) }
    }
    if fault == .rowsPastEndOverflow && L < length {
      // The running sum of rows past the end reads as 0, and their factors are cleared only after the exponential.
      let past = (0..<L).reduce(R.zero) { $0 + R.exp(-R.log(decay.fromStart[$1])) * 0 }
      for n in 0..<S.rows { next[n, 0] += past }
    }
    return next
  }
}
