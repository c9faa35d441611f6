/// One token forward, four rows at a time:
///
///     d = g s;  w = v - d.k;  delta = beta w;  s' = d + delta k;  y = s'.q
///
/// and beside it, with E the bound on the 2-norm of the error of a row of the state and eta what one operation
/// may lose to underflow,
///
///     e        = max_j (g_j (1 + eps_gj)) E + u |d| + |eps_g d| + sqrt(K) eta          error of d
///     lambda_w = K u (|d|.|k|) + u |w| + 2 K eta          e_w     = |k| e + lambda_w
///     lambda_δ = |beta| lambda_w + (u + eps_beta) |delta| + eta
///                                                         e_delta = |beta| (1 + eps_beta) |k| e + lambda_δ
///     E'       = rho e + |k| lambda_δ + u (|s'| + |delta| |k|) + 2 sqrt(K) eta
///     AN_y     = |q| E' + K u (|s'|.|q|) + 2 K eta
///
/// Where key and query are not as they are given but off by vectors of the norms e_k and e_q (see `QueryKeyLayer`),
/// lambda_w grows by |d| e_k, E' by |delta| e_k, AN_y by |s'| e_q, and rho by 2 |beta| |k| e_k; |k| and |q| are then |k| + e_k
/// and |q| + e_q: (I - b k' k'^T) acts on the error, with k' the key as it is off, and the key's own error adds
/// b |d| e_k along k' and |delta| e_k beside it.
///
/// The factors 1 + eps matter only where a declared coarse rounding makes eps large.
///
/// Per channel d = g o s, so |g o x| <= max_j g_j |x| carries the error on, and the fresh rounding of g is
/// |eps_g d| = sqrt(sum_j (eps_gj d_j)^2): a channel whose decay has vanished takes its large eps_gj with it.
extension Sweep {
  func advance(slot: Int) {
    let (k, q, g, epsilon) = (k, q, g, epsilon)
    let (K, blocks, beta) = (K, blocks, beta)
    for n in 0..<blocks {
      let s = scratch.history + (slot * blocks + n) * K
      let after = s + blocks * K
      let v = scratch.v[n]
      var (read, read_, dd, eded) = (Rows.zero, Rows.zero, Rows.zero, Rows.zero)
      for j in 0..<K {
        let d = s[j] * g[j]
        after[j] = d
        read += d * k[j]
        if Mode.measures {
          read_ += (d * k[j]).magnitude
          dd += d * d
          if Mode.perChannel { eded += (d * epsilon[j]) * (d * epsilon[j]) }
        }
      }
      let w = v - read
      let delta = w * beta
      var (y, y_, ss) = (Rows.zero, Rows.zero, Rows.zero)
      for j in 0..<K {
        let s1 = after[j] + delta * k[j]
        after[j] = s1
        y += s1 * q[j]
        if Mode.measures {
          y_ += (s1 * q[j]).magnitude
          ss += s1 * s1
        }
      }
      let row = slot * blocks + n
      scratch.w[row] = w
      scratch.delta[row] = delta
      store(y, block: n, at: values.y + token * V)
      guard Mode.measures else { continue }
      let norm = dd.root
      let rounding = Mode.perChannel ? eded.root : norm * decayError
      let size = ss.root
      let y_bound: Rows =
        isChunked
        ? boundChunkForward(row: row, w: w, delta: delta, rounding: rounding, s: size)
        : bound(row: row, w: w, delta: delta, read_: read_, d: norm, rounding: rounding, s: size, y_: y_)
      store(y_bound, block: n, at: bounds.y + token * V)
      largest = largest.maximum(y_).maximum(read_).maximum(w.magnitude)
    }
  }

  /// The recursion above for one block; returns the bound on y.
  @inline(__always)
  private func bound(
    row: Int, w: Rows, delta: Rows, read_: Rows, d: Rows, rounding: Rows, s: Rows, y_: Rows
  ) -> Rows {
    let k = keyNorm
    let eta = ErrorModel.eta
    let rootEta = Double(K).squareRoot() * eta
    let size = delta.magnitude
    let underflow = 2 * Double(K) * eta
    var e: Rows = scratch.error[row] * growth
    e += d * u
    e += rounding
    e += rootEta
    var lambdaW: Rows = read_ * (Double(K) * u)
    lambdaW += w.magnitude * u
    lambdaW += d * ofKey
    lambdaW += underflow
    var lambdaDelta: Rows = lambdaW * beta.magnitude
    lambdaDelta += size * (u + write)
    lambdaDelta += eta
    scratch.errorOfD[row] = e
    scratch.errorOfW[row] = e * k + lambdaW
    scratch.errorOfDelta[row] = e * (beta.magnitude * (1 + write) * k) + lambdaDelta
    var next: Rows = e * rho
    next += lambdaDelta * k
    next += (s + size * k) * u
    next += 2 * rootEta
    next += size * ofKey
    scratch.error[row + blocks] = next
    scratch.norm[row + blocks] = s
    largest = largest.maximum(s).maximum(size * k)
    var y: Rows = next * queryNorm
    y += y_ * (Double(K) * u)
    y += s * ofQuery
    return y + underflow
  }

  /// The rows of a block that exist.
  @inline(__always)
  func store(_ rows: Rows, block n: Int, at target: UnsafeMutablePointer<Double>) {
    guard V < n * 4 + 4 else {
      return UnsafeMutableRawPointer(target + n * 4).storeBytes(of: rows, as: Rows.self)
    }
    for lane in 0..<V - n * 4 { target[n * 4 + lane] = rows[lane] }
  }
}
