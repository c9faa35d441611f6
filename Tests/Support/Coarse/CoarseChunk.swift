import Foundation
import GatedDeltaRule

/// One chunk of one head, UT/WY with coarse products, written from the equations of SPEC alone.
struct CoarseChunk {
  let form: CoarseKernel
  let q: CoarseMatrix, k: CoarseMatrix  // [L, Dk]
  let v: CoarseMatrix, dY: CoarseMatrix  // [L, Dv]
  let beta: [Float]
  let S: CoarseMatrix  // [Dk, Dv]
  /// The running sum of log g.
  let G: [Float]
  let A: CoarseMatrix, T: CoarseMatrix, P: CoarseMatrix, KK: CoarseMatrix
  let U: CoarseMatrix

  var L: Int { k.rows }

  init(
    _ form: CoarseKernel, q: CoarseMatrix, k: CoarseMatrix, v: CoarseMatrix, dY: CoarseMatrix, g: [Float],
    beta: [Float], S: CoarseMatrix
  ) {
    (self.form, self.q, self.k, self.v, self.dY) = (form, q, k, v, dY)
    (self.beta, self.S) = (beta, S)
    let (format, L) = (form.products, k.rows)
    var sum: Float = 0
    let G = g.map { g in
      sum += log(g)
      return sum
    }
    func gamma(_ i: Int, _ j: Int) -> Float { j <= i ? exp(G[i] - G[j]) : 0 }
    let KK = k.times(k.transposed, in: format)
    let QK = q.times(k.transposed, in: format)
    let A = CoarseMatrix(L, L) { i, j in j < i ? -beta[i] * KK[i, j] * gamma(i, j) : 0 }
    P = CoarseMatrix(L, L) { i, j in QK[i, j] * gamma(i, j) }
    let T = form.inverse(of: A)
    if form.splitsRightHandSide {
      let Uv = T.times(v.scaled { beta[$0] }, in: format)
      let W = T.times(k.scaled { beta[$0] * exp(G[$0]) }, in: format)
      U = Uv - W.times(S, in: format)
    } else {
      let seen = k.times(S, in: format)
      U = T.times((v - seen.scaled { exp(G[$0]) }).scaled { beta[$0] }, in: format)
    }
    (self.G, self.A, self.T, self.KK) = (G, A, T, KK)
  }

  private func read(_ i: Int) -> Float { exp(G[i]) }
  private func end(_ i: Int) -> Float { exp(G[L - 1] - G[i]) }
  private func gamma(_ i: Int, _ j: Int) -> Float { j <= i ? exp(G[i] - G[j]) : 0 }
  private func times(_ a: CoarseMatrix, _ b: CoarseMatrix) -> CoarseMatrix { a.times(b, in: form.products) }

  var outputs: CoarseMatrix { times(q.scaled(read), S) + times(P, U) }

  var next: CoarseMatrix { S.scaled { _ in exp(G[L - 1]) } + times(k.scaled(end).transposed, U) }

  struct Gradients {
    /// The shares of dk of the write and of the read are apart.
    let dq: CoarseMatrix, dkOfRead: CoarseMatrix, dkOfWrite: CoarseMatrix, dv: CoarseMatrix
    let dg: [Float], dbeta: [Float]
    let dS: CoarseMatrix
  }

  /// Given the cotangent D of the state after the chunk, [Dk, Dv].
  func gradients(_ D: CoarseMatrix) -> Gradients {
    let dU = times(P.transposed, dY) + times(k.scaled(end), D)
    let Z = times(T.transposed, dU)
    let dA = inverseCotangent(dU, Z)
    let dP = CoarseMatrix(L, L) { [all = times(dY, U.transposed)] i, j in j <= i ? all[i, j] : 0 }
    let E = CoarseMatrix(L, L) { i, j in -beta[i] * dA[i, j] * gamma(i, j) }
    let F = CoarseMatrix(L, L) { i, j in dP[i, j] * gamma(i, j) }
    let (ZS, YS, UD) = (times(Z, S.transposed), times(dY, S.transposed), times(U, D.transposed))
    let erased = ZS.scaled { -beta[$0] * read($0) }
    let dbeta = (0..<L).map { i in
      var sum: Float = 0
      for m in 0..<v.columns { sum += Z[i, m] * v[i, m] }
      for c in 0..<k.columns { sum -= ZS[i, c] * k[i, c] * read(i) }
      for j in 0..<i { sum -= dA[i, j] * KK[i, j] * gamma(i, j) }
      return sum
    }
    let state =
      D.scaled { _ in exp(G[L - 1]) } + times(q.scaled(read).transposed, dY)
      - times(k.scaled { beta[$0] * read($0) }.transposed, Z)
    return Gradients(
      dq: times(F, k) + YS.scaled(read),
      dkOfRead: times(F.transposed, q) + UD.scaled(end), dkOfWrite: erased + times(E + E.transposed, k),
      dv: Z.scaled { beta[$0] }, dg: decayGradient(D, dA, dP, ZS, YS, UD), dbeta: dbeta, dS: state)
  }

  /// strict(Z U^T), or T^T strict(dU (beta v)^T + dW (beta gamma k)^T) T^T with dW = -dU S^T.
  private func inverseCotangent(_ dU: CoarseMatrix, _ Z: CoarseMatrix) -> CoarseMatrix {
    var dA = times(Z, U.transposed)
    if form.differentiatesInverse {
      let dW = times(dU, S.transposed).scaled { _ in -1 }
      let M =
        times(dU, v.scaled { beta[$0] }.transposed)
        + times(dW, k.scaled { beta[$0] * read($0) }.transposed)
      let strict = CoarseMatrix(L, L) { i, j in j < i ? M[i, j] : 0 }
      dA = times(times(T.transposed, strict), T.transposed)
    }
    return CoarseMatrix(L, L) { i, j in j < i ? dA[i, j] : 0 }
  }

  /// By rows and columns of dA o A + dP o P, then summed from the end.
  private func decayGradient(
    _ D: CoarseMatrix, _ dA: CoarseMatrix, _ dP: CoarseMatrix, _ ZS: CoarseMatrix, _ YS: CoarseMatrix,
    _ UD: CoarseMatrix
  ) -> [Float] {
    var dG = [Float](repeating: 0, count: L)
    var ends: Float = 0
    for index in S.values.indices { ends += exp(G[L - 1]) * S.values[index] * D.values[index] }
    for i in 0..<L {
      for c in 0..<k.columns {
        dG[i] += read(i) * (YS[i, c] * q[i, c] - beta[i] * ZS[i, c] * k[i, c])
        dG[i] -= end(i) * UD[i, c] * k[i, c]
        ends += end(i) * UD[i, c] * k[i, c]
      }
      for j in 0..<i {
        let crossing = dA[i, j] * A[i, j] + dP[i, j] * P[i, j]
        dG[i] += crossing
        dG[j] -= crossing
      }
    }
    var sum = ends
    return (0..<L).reversed().map { i in
      sum += dG[i]
      return sum / (i > 0 ? exp(G[i] - G[i - 1]) : exp(G[0]))
    }.reversed()
  }
}
