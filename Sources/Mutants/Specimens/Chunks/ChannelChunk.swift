import GatedDeltaRule

/// One chunk of one head in UT/WY form with one decay a key channel, given the state S [Dv, Dk] before it:
///
///     B_ij = sum_n k_in k_jn Gamma_ijn,   P_ij = sum_n q_in k_jn Gamma_ijn,   A = -beta B
///     (I - A) U = beta (v - (fromStart o k) S^T)
///     Y = (fromStart o q) S^T + P U,        S'_mn = whole_n S_mn + (U^T (toEnd o k))_mn
struct ChannelChunk<R: Scalar>: ChunkPass {
  let fault: Fault?
  let solve: Solve<R>
  let q: Matrix<R>, k: Matrix<R>  // [L, Dk]
  let v: Matrix<R>, dy: Matrix<R>  // [L, Dv]
  let g: Matrix<R>  // [L, Dk]
  let beta: [R]
  let length: Int
  let decay: ChannelDecay<R>
  let B: Matrix<R>, P: Matrix<R>, A: Matrix<R>
  let U: Matrix<R>

  var L: Int { k.rows }
  var sum: R { 0 }

  /// The tokens of one chunk as value head `h` sees them.
  init(_ sample: Sample<R>, _ b: Int, _ h: Int, _ tokens: Range<Int>, _ form: ChunkSweep<R>, S: Matrix<R>) {
    let (K, V, L) = (sample.shape.Dk, sample.shape.Dv, tokens.count)
    let keys = tokens.map { sample.key(b, $0, h) }
    let rows = tokens.map { sample.row(b, $0, h) }
    let fault = sample.fault
    solve = Solve(subBlock: form.subBlock, fault: fault)
    let q = Matrix(L, K) { sample.q[keys[$0] + $1] }
    let k = Matrix(L, K) { sample.k[keys[$0] + $1] }
    let v = Matrix(L, V) { sample.v[rows[$0] * V + $1] }
    let beta = rows.map { sample.beta[$0] }
    dy = Matrix(L, V) { sample.dy[rows[$0] * V + $1] }
    g = Matrix(L, K) { sample.g[rows[$0] * K + $1] }
    let decay = ChannelDecay(
      g, subBlock: form.subBlock, fault == .backwardWithoutRunningSum ? nil : fault)
    func pairs(_ left: Matrix<R>) -> Matrix<R> {
      Matrix(L, L) { i, j in
        guard j <= i || fault == .maskAfterExponential else { return 0 }
        return (0..<K).reduce(R.zero) { $0 + left[i, $1] * k[j, $1] * decay.factor(i, j, $1) }
      }
    }
    let B = pairs(k)
    A = Matrix(L, L) { i, j in j < i ? -beta[fault == .betaByColumn ? j : i] * B[i, j] : 0 }
    let read = Matrix(L, K) { k[$0, $1] * (fault == .readUngated ? 1 : decay.fromStart[$0, $1]) }
    var U = Matrix(L, V) { beta[$0] * (v[$0, $1] - read.dot($0, S, $1)) }
    solve(A, &U)
    (self.fault, self.length, self.decay) = (fault, form.length, decay)
    (self.q, self.k, self.v, self.beta, self.B, self.U) = (q, k, v, beta, B, U)
    P = pairs(q)
  }

  func outputs(_ S: Matrix<R>) -> Matrix<R> {
    let read = Matrix(L, k.columns) { decay.fromStart[$0, $1] * q[$0, $1] }
    var Y = Matrix<R>(L, v.columns) { read.dot($0, S, $1) }
    for i in 0..<L {
      for j in 0..<(fault == .maskAfterExponential ? L : i + 1) { Y.add(P[i, j], U, j, to: i) }
    }
    return Y
  }

  func next(_ S: Matrix<R>) -> Matrix<R> {
    let written = Matrix(L, k.columns) { decay.toEnd[$0, $1] * k[$0, $1] }
    var next = Matrix<R>(S.rows, S.columns) { m, n in
      decay.whole[fault == .decayOnValueAxis ? m % S.columns : n] * S[m, n]
    }
    for j in 0..<L { for m in 0..<S.rows { next.add(U[j, m], written, j, to: m) } }
    return next
  }
}
