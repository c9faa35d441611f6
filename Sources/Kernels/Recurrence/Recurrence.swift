//  One token of the rule and of its reverse sweep, for one value head; state rows s are value channels.
//
//    s~ = g s,   e = v - <s~, k>,   delta = beta e,   s' = s~ + delta k,   y = <s', q>
//
//    D  = dS' + dy q            h = <D, k>
//    dq = sum_rows dy s'        dv = beta h          dbeta = sum_rows h e
//    dk = sum_rows D delta - s~ beta h
//    D~ = D - beta h k          dg = sum_rows <D~, s>   (per channel: D~ o s)          dS = g D~
//
//  (the sequential equations of the gated delta rule, arXiv:2412.06464, and their adjoint).

/// What one token brings to one value head.
struct Token<R: Real> {
  let q: Row<R>, k: Row<R>
  let v: UnsafePointer<R>, dy: UnsafePointer<R>
  let g: UnsafePointer<R>
  let beta: R
}

extension CoreProblem {
  /// Token `t` of batch row `b` as value head `h` sees it.
  @inline(__always) func token(_ b: Int, _ t: Int, _ h: Int) -> Token<R> {
    let row = valueRow(b, t, h)
    let key = keyRow(b, t, keyHead(h)) * keyLanes
    let gate = shape.decayKind == .scalar ? row : row * keyLanes * 8
    return Token(
      q: q + key, k: k + key, v: (v + row * valueLanes).elements(), dy: (dy + row * valueLanes).elements(),
      g: decay + gate, beta: beta[row])
  }
}

/// Where the gradients of one token of one value head go; the caller adds heads of a group up.
struct TokenGradients<R: Real> {
  let dq: MutableRow<R>, dk: MutableRow<R>
  let dv: UnsafeMutablePointer<R>
  let dg: UnsafeMutablePointer<R>
  let dbeta: UnsafeMutablePointer<R>
}

/// The step of the recurrence on one head's state.
struct Recurrence<R: Real> {
  let Dv: Int
  let keyLanes: Int
  let perChannel: Bool

  init(_ problem: CoreProblem<R>) {
    (Dv, keyLanes, perChannel) = (problem.shape.Dv, problem.keyLanes, problem.shape.decayKind == .perChannel)
  }

  /// One token: reads the state `old`, writes the state `new` (which may be `old`) and the output.
  @inline(__always)
  func step(_ token: Token<R>, from old: Row<R>, to new: MutableRow<R>, y: UnsafeMutablePointer<R>) {
    withDecay(of: token) { decay, width in
      for i in 0..<Dv {
        y[i] = step(token, i, decay, from: old + i * width, to: new + i * width, width: width)
      }
    }
  }

  /// Calls `body` with the decay of a row and the vectors in it: apart for one vector, whose width is then known to the
  /// compiler and leaves no loops, and for each kind of decay.
  @inline(__always)
  private func withDecay(of token: Token<R>, _ body: (_ decay: RowDecay<R>, _ width: Int) -> Void) {
    if keyLanes == 1 {
      body(RowDecay(RowDecay(token, perChannel: perChannel)[0]), 1)
    } else if perChannel {
      body(RowDecay(channelsOf: token), keyLanes)
    } else {
      body(RowDecay(Lane<R>(repeating: token.g[0])), keyLanes)
    }
  }

  /// Row `i`; answers its output.
  @inline(__always)
  private func step(
    _ token: Token<R>, _ i: Int, _ decay: RowDecay<R>, from s: Row<R>, to next: MutableRow<R>, width: Int
  ) -> R {
    var prediction = Lane<R>.zero
    for j in 0..<width {
      let decayed = s[j] * decay[j]
      prediction += decayed * token.k[j]
      next[j] = decayed
    }
    let delta = token.beta * (token.v[i] - prediction.total)
    var output = Lane<R>.zero
    for j in 0..<width {
      let updated = next[j] + delta * token.k[j]
      next[j] = updated
      output += updated * token.q[j]
    }
    return output.total
  }

  /// One token of the reverse sweep: `dS` enters as the cotangent of the state after the token and leaves as that
  /// of the state before. `old` and `new` are those states.
  @inline(__always)
  func reverse(
    _ token: Token<R>, old: Row<R>, new: Row<R>, dS: MutableRow<R>, into gradients: TokenGradients<R>
  ) {
    var sums = (dbeta: R.zero, dg: R.zero)
    withDecay(of: token) { decay, width in
      for i in 0..<Dv {
        let row = i * width
        reverse(token, i, decay, old + row, new + row, dS + row, width: width, &sums, into: gradients)
      }
    }
    gradients.dbeta[0] = sums.dbeta
    if !perChannel { gradients.dg[0] = sums.dg }
  }

  /// Row `i`.
  @inline(__always)
  private func reverse(
    _ token: Token<R>, _ i: Int, _ decay: RowDecay<R>, _ s: Row<R>, _ updated: Row<R>, _ D: MutableRow<R>,
    width: Int, _ sums: inout (dbeta: R, dg: R), into gradients: TokenGradients<R>
  ) {
    let dchannels = gradients.dg.lanes
    let dy = token.dy[i]
    var prediction = Lane<R>.zero
    var projection = Lane<R>.zero
    for j in 0..<width {
      let cotangent = D[j] + dy * token.q[j]
      prediction += (s[j] * decay[j]) * token.k[j]
      projection += cotangent * token.k[j]
      gradients.dq[j] += dy * updated[j]
      D[j] = cotangent
    }
    let error = token.v[i] - prediction.total
    let h = projection.total
    let delta = token.beta * error
    let write = token.beta * h
    gradients.dv[i] = write
    sums.dbeta += h * error
    var decayGradient = Lane<R>.zero
    for j in 0..<width {
      gradients.dk[j] += D[j] * delta - (s[j] * decay[j]) * write
      let through = D[j] - write * token.k[j]
      if perChannel { dchannels[j] += through * s[j] } else { decayGradient += through * s[j] }
      D[j] = through * decay[j]
    }
    if !perChannel { sums.dg += decayGradient.total }
  }
}
