//  The mathematics of one chunk. Sums go as the tiles' do: the terms one after the other, onto what stood there before.

extension TiledSweep {
  /// G, and what it is the exponent of.
  func formDecay(_ head: Head, _ first: Int, _ count: Int) {
    var sum = R.zero
    for i in 0..<size {
      if i < count {
        let g = problem.decay[problem.valueRow(head.b, first + i, head.h)]
        // Written so that a NaN stays one.
        sum += R.log(g < R(Tiled.floor) ? R(Tiled.floor) : g)
      }
      sums[i] = sum
    }
    let factors: UnsafeMutablePointer<R> = Gamma.elements()
    for j in 0..<width {
      fromStart.lanes[j] = R.exp(sums.lanes[j])
      toEnd.lanes[j] = R.exp(sum - sums.lanes[j])
    }
    for i in 0..<size {
      for j in 0..<width { Gamma[i * width + j] = R.exp(sums[i] - sums.lanes[j]) }
      (factors + i * size + i + 1).update(repeating: 0, count: size - i - 1)
    }
  }

  /// A, <q_i, k_j>, and N.
  func formInverse() {
    for (gram, left) in [(A, K), (P, Q)] {
      multiply(
        Matrix(Row(left), lanes: keyLanes), Row(transposedK), to: gram, rows: size, inner: problem.shape.Dk,
        lanes: width)
    }
    let (strict, whole): (UnsafeMutablePointer<R>, UnsafeMutablePointer<R>) = (A.elements(), P.elements())
    for i in 0..<size {
      for j in 0..<width { A[i * width + j] *= -beta[i] }
      // What a product left past the diagonal is no part of it, not even as inf times 0.
      (strict + i * size + i).update(repeating: 0, count: size - i)
      (whole + i * size + i + 1).update(repeating: 0, count: size - i - 1)
    }
    switch tile {
    case .simdgroup: invertByDoubling()
    case .accelerator:
      solver.formInverseByFixedPoint(Matrix(Row(A), lanes: width), rows: size)
      N.update(from: solver.inverse, count: size * width)
    }
  }

  private func invertByDoubling() {
    N.update(from: A, count: size * width)
    let elements: UnsafeMutablePointer<R> = N.elements()
    for i in 0..<size { elements[i * size + i] = 1 }
    for _ in 1..<NilpotentPowers<R>.count(rows: size) {
      multiply(Matrix(Row(A), lanes: width), Row(A), to: square, rows: size, inner: size, lanes: width)
      A.update(from: square, count: size * width)
      before.update(from: N, count: size * width)
      accumulate(Matrix(Row(before), lanes: width), Row(A), to: N, rows: size, inner: size, lanes: width)
    }
  }

  /// U.
  func formUpdates() {
    let inverse = Matrix(Row(N), lanes: width)
    for i in 0..<size {
      for j in i * keyLanes..<(i + 1) * keyLanes { betaK[j] = K[j] * beta[i] }
      for j in i * valueLanes..<(i + 1) * valueLanes { V[j] *= beta[i] }
    }
    multiply(inverse, Row(betaK), to: W, rows: size, inner: size, lanes: keyLanes)
    scaleRows(W, keyLanes, by: fromStart)
    multiply(
      Matrix(Row(W), lanes: keyLanes), Row(M), to: WM, rows: size, inner: problem.shape.Dk, lanes: valueLanes)
    for j in 0..<size * width { N[j] *= Gamma[j] }
    multiply(inverse, Row(V), to: U, rows: size, inner: size, lanes: valueLanes)
    for j in 0..<size * valueLanes { U[j] -= WM[j] }
  }

  /// Y.
  func formOutputs() {
    scaleRows(Q, keyLanes, by: fromStart)
    multiply(
      Matrix(Row(Q), lanes: keyLanes), Row(M), to: Y, rows: size, inner: problem.shape.Dk, lanes: valueLanes)
    for j in 0..<size * width { P[j] *= Gamma[j] }
    accumulate(
      Matrix(Row(P), lanes: width), Row(U), to: Y, rows: size, inner: size, lanes: valueLanes, isLower: true)
  }

  /// M := M'.
  func advance() {
    scaleRows(K, keyLanes, by: toEnd)
    let (keys, last) = (Matrix(Row(K), lanes: keyLanes).transposed, fromStart[size - 1])
    switch tile {
    case .simdgroup:
      multiply(keys, Row(U), to: KU, rows: keyRows, inner: size, lanes: valueLanes)
      for j in 0..<keyRows * valueLanes { M[j] = last * M[j] + KU[j] }
    case .accelerator:
      for j in 0..<keyRows * valueLanes { M[j] *= last }
      accumulate(keys, Row(U), to: M, rows: keyRows, inner: size, lanes: valueLanes)
    }
  }

  private func scaleRows(_ matrix: MutableRow<R>, _ count: Int, by factors: UnsafeMutablePointer<R>) {
    for i in 0..<size {
      for j in i * count..<(i + 1) * count { matrix[j] *= factors[i] }
    }
  }

  /// C := C + A B, each term added to what stands there. A is none of C. Of a lower triangle what lies past the diagonal is
  /// left out: a zero times the NaN of a later token would reach the tokens before it.
  private func accumulate(
    _ A: Matrix<R>, _ B: Row<R>, to C: MutableRow<R>, rows: Int, inner: Int, lanes: Int, isLower: Bool = false
  ) {
    for i in 0..<rows {
      for j in 0..<lanes {
        var sum = C[i * lanes + j]
        for x in 0..<(isLower ? i + 1 : inner) { sum += A[i, x] * B[x * lanes + j] }
        C[i * lanes + j] = sum
      }
    }
  }
}
