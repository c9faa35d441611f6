import GatedDeltaRule

extension Pass {
  /// What the tape holds of the gradients, to where results are put together: the shares of a group are rounded and
  /// added, log g and g are kept for their functions.
  func storeGradients() {
    let (shape, sums) = (runs.problem.shape, runs.sums)
    let head = h / shape.groupSize
    if runs.isChunked && runs.form.dg == .cumsum { replaceDecayGradient() }
    let (written, read) = (tape.gradient(leaves.written), tape.gradient(leaves.read))
    let met = tape.gradient(leaves.met)
    for i in 0..<leaves.read.rows * leaves.read.stride { read[i] += met[i] }
    let share = ProductFormat(runs.form.headPrecision)
    for block in [leaves.q, leaves.written, leaves.read] { tape.scatter(tape.gradients, block, to: share) }
    for (i, t) in tokens.enumerated() where runs.problem.isLive(b, t) {
      let token = (b * shape.T + t) * shape.Hv + h
      let key = ((b * shape.T + t) * shape.Hk + head) * shape.Dk
      let isFirst = h % shape.groupSize == 0
      let (dq, dk) = (sums[.dq] + key, sums[.dk] + key)
      add(tape.gradient(leaves.q) + i * leaves.q.stride, to: dq, isFirst: isFirst, share)
      add(written + i * leaves.written.stride, to: dk, isFirst: isFirst, share)
      add(read + i * leaves.read.stride, to: dk, isFirst: false, share)
      (sums[.dv] + token * shape.Dv)
        .update(from: tape.gradient(leaves.v) + i * leaves.v.stride, count: shape.Dv)
      sums[.dbeta][token] = tape.gradient(leaves.beta)[i]
      storeDecay(t, token)
    }
  }

  /// Sums of shares are rounded too, by way of a row with room for its padding.
  private func add(
    _ share: UnsafeMutablePointer<Number>, to sum: UnsafeMutablePointer<Number>, isFirst: Bool,
    _ format: ProductFormat
  ) {
    let K = leaves.q.columns
    if isFirst { return sum.update(from: share, count: K) }
    let row = tape.scratch(leaves.q.width)
    row.update(repeating: 0, count: leaves.q.width)
    for c in 0..<K { row[c] = sum[c] + share[c] }
    tape.scatter(row, Block(offset: 0, rows: 1, columns: K, stride: leaves.q.width), to: format)
    sum.update(from: row, count: K)
  }

  /// The gradient by log g, or by g where that is the factor itself.
  private func storeDecay(_ t: Int, _ token: Int) {
    let W = runs.problem.shape.decayWidth
    let block = runs.takesFactor(b, t, h) ? leaves.factor : leaves.logarithm
    let source = tape.gradient(block)
    var c = 0
    each(block, t) {
      runs.sums[.dg][token * W + c] = source[$0]
      c += 1
    }
  }

  /// By log g as the sum from the end of <q, dq> + <k, dk as it is read> - <k, dk as it is written>, channel by channel
  /// where each has its decay, and for the last token <S, dS> of the state after it.
  private func replaceDecayGradient() {
    eachPiece { rows, state in
      for c in 0..<(runs.perChannel ? leaves.q.columns : 1) {
        let step = runs.perChannel ? leaves.logarithm.stride : 1
        let target = tape.gradient(leaves.logarithm) + c
        var sum: Number = 0
        for m in runs.perChannel ? c..<c + 1 : 0..<state.rows {
          let (S, D) = (tape.value(state) + m * state.stride, tape.gradient(state) + m * state.stride)
          sum += dot(S, D, state.width)
        }
        for i in rows.reversed() {
          sum += crossing(leaves.q, i, c) + crossing(leaves.read, i, c)
          sum -= crossing(leaves.met, i, c) + crossing(leaves.written, i, c)
          target[i * step] = sum
        }
      }
    }
    tape.scatter(tape.gradients, leaves.logarithm, to: .fp32)
  }

  private func crossing(_ a: Block, _ i: Int, _ c: Int) -> Number {
    let (x, d) = (tape.value(a) + i * a.stride, tape.gradient(a) + i * a.stride)
    return runs.perChannel ? x[c] * d[c] : dot(x, d, a.width)
  }
}
