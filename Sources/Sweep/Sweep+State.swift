/// A head's state and its cotangent, from the problem's rows to blocks of four rows side by side and back.
extension Sweep {
  /// The state a head starts from, and what it is off by.
  func loadState() {
    let lanes = UnsafeMutableRawPointer(scratch.history).assumingMemoryBound(to: Double.self)
    transpose(inputs.state, into: lanes)
    guard Mode.measures else { return }
    for n in 0..<blocks {
      var square = Rows.zero
      for j in 0..<K {
        let s = scratch.history[n * K + j]
        square += s * s
      }
      scratch.norm[n] = square.root
      scratch.error[n] = errorOfFirstState(block: n)
      (scratch.A[n], scratch.L[n], scratch.m[n]) = (.zero, .zero, .zero)
      (scratch.W[n], scratch.U[n], scratch.N[n]) = (.zero, .zero, .zero)
    }
  }

  /// What the rows of a block are off by before the first token.
  private func errorOfFirstState(block n: Int) -> Rows {
    var error = Rows.zero
    guard !stateErrors.isEmpty else { return error }
    let first = (b * shape.Hv + h) * V + n * 4
    for lane in 0..<min(4, V - n * 4) { error[lane] = stateErrors[first + lane] }
    return error
  }

  /// The cotangent of its last state.
  func loadCotangent() {
    let lanes = UnsafeMutableRawPointer(scratch.D).assumingMemoryBound(to: Double.self)
    transpose(inputs.dstate, into: lanes)
    for n in 0..<blocks {
      var square = Rows.zero
      for j in 0..<K { square += scratch.D[n * K + j] * scratch.D[n * K + j] }
      scratch.norm_D[n] = square.root
      (scratch.F[n], scratch.B[n], scratch.P[n], scratch.whole_D[n]) = (.zero, .zero, .zero, .zero)
      (scratch.Z[n], scratch.Y[n]) = (.zero, .zero)
    }
  }

  /// From [B, Hv, Dv, Dk] to blocks of four rows side by side; the rows past Dv stay zero.
  private func transpose(_ state: SweepInputs.Numbers?, into lanes: UnsafeMutablePointer<Double>) {
    let K = K
    lanes.update(repeating: 0, count: blocks * K * 4)
    guard let state else { return }
    let base = (b * shape.Hv + h) * V * K
    for i in 0..<V {
      let (row, first) = (base + i * K, (i / 4) * K * 4 + i % 4)
      for j in 0..<K { lanes[first + j * 4] = state[row + j] }
    }
  }

  /// From blocks of four rows to [B, Hv, Dv, Dk], and the bound of each row to all of its columns.
  private func store(
    _ rows: UnsafeMutablePointer<Rows>, to target: UnsafeMutablePointer<Double>,
    bounds: UnsafeMutablePointer<Double>, by bound: (_ block: Int) -> Rows
  ) {
    let (K, V) = (K, V)
    let base = (b * shape.Hv + h) * V * K
    let lanes = UnsafeMutableRawPointer(rows).assumingMemoryBound(to: Double.self)
    for n in 0..<blocks {
      let ofBlock: Rows = Mode.measures ? bound(n) : .zero
      for lane in 0..<min(4, V - n * 4) {
        let (first, row) = (n * K * 4 + lane, base + (n * 4 + lane) * K)
        for j in 0..<K { target[row + j] = lanes[first + j * 4] }
        if Mode.measures { (bounds + row).update(repeating: ofBlock[lane], count: K) }
      }
    }
  }

  /// The final state.
  func storeState(slot: Int) {
    let first = slot * blocks
    store(scratch.history + first * K, to: values.stateOut, bounds: bounds.stateOut) { n in
      scratch.error[first + n] + endOfChunk(row: first + n)
    }
  }

  /// The gradient of the first.
  func storeStateGradient() {
    store(scratch.D, to: values.dstateIn, bounds: bounds.dstateIn) { n in
      scratch.F[n] + endOfChunkBackward(block: n)
    }
  }
}
