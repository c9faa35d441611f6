private let segment = FusedBackward.segment

/// The fused form on four state rows of one head at a time.
struct FusedSweep<R: Real, Order: DotOrder> {
  private let problem: CoreProblem<R>
  private let results: CoreResults<R>
  private let width: Int  // vectors in a key row
  private let perChannel: Bool
  private let segments: Int
  private let rows: Int  // Dv padded to 4
  private let boundaries: MutableRow<R>  // [segments, rows, width], before each segment
  private let history: MutableRow<R>  // [segment + 1, 4, width], one segment's
  private let errors: UnsafeMutablePointer<SIMD4<R>>  // [segment], v - <g S, k>
  private let dS: MutableRow<R>  // [rows, width]
  private let dq: MutableRow<R>, dk: MutableRow<R>  // [T, width], one head's

  init(_ problem: CoreProblem<R>, _ results: CoreResults<R>, _ arena: Arena) {
    (self.problem, self.results, width) = (problem, results, problem.keyLanes)
    perChannel = problem.shape.decayKind == .perChannel
    let T = problem.shape.T
    segments = max(1, (T + segment - 1) / segment)
    rows = (problem.shape.Dv + 3) / 4 * 4
    boundaries = arena.allocate(segments * rows * width, filledWith: .zero)
    history = arena.allocate((min(T, segment) + 1) * 4 * width)
    errors = arena.allocate(min(T, segment))
    dS = arena.allocate(rows * width, filledWith: .zero)
    dq = arena.allocate(T * width)
    dk = arena.allocate(T * width)
  }

  /// The heads of these groups, in order.
  func run(_ groups: Range<Int>) {
    for head in problem.heads(of: groups) {
      dq.update(repeating: .zero, count: problem.shape.T * width)
      dk.update(repeating: .zero, count: problem.shape.T * width)
      let size = problem.stateLanes
      boundaries.update(from: problem.state + problem.stateOffset(head), count: size)
      dS.update(from: problem.dstate + problem.stateOffset(head), count: size)
      // A NaN of the head before may have reached the rows past Dv.
      (dS + size).update(repeating: .zero, count: rows * width - size)
      for s in 0..<segments - 1 {
        for first in stride(from: 0, to: problem.shape.Dv, by: 4) {
          forward(head, first, s)
          boundary(s + 1, first).update(from: history + segment * 4 * width, count: 4 * width)
        }
      }
      for s in (0..<segments).reversed() { finish(head, s) }
      if let gradients = results.gradients {
        (gradients.dstate + problem.stateOffset(head)).update(from: dS, count: size)
        addToGroup(head, gradients)
      }
    }
  }

  /// A segment forward, and back over the history that it leaves; the last one also ends in the final state.
  private func finish(_ head: Head, _ s: Int) {
    guard s == segments - 1 || results.gradients != nil else { return }
    for first in stride(from: 0, to: problem.shape.Dv, by: 4) {
      forward(head, first, s)
      if s == segments - 1 {
        let rows = min(4, problem.shape.Dv - first)
        (results.state + problem.stateOffset(head) + first * width)
          .update(from: history + tokens(s).count * 4 * width, count: rows * width)
      }
      if let gradients = results.gradients { reverse(head, first, s, gradients) }
    }
  }

  private func tokens(_ s: Int) -> Range<Int> { s * segment..<min((s + 1) * segment, problem.shape.T) }

  private func boundary(_ s: Int, _ first: Int) -> MutableRow<R> {
    boundaries + (s * rows + first) * width
  }

  // MARK: four rows

  private func forward(_ head: Head, _ first: Int, _ s: Int) {
    let tokens = tokens(s)
    history.update(from: boundary(s, first), count: 4 * width)
    for t in tokens {
      let old = history + (t - tokens.lowerBound) * 4 * width
      let new = old + 4 * width
      guard problem.live[head.b * problem.shape.T + t] else {
        new.update(from: old, count: 4 * width)
        continue
      }
      let token = problem.token(head.b, t, head.h)
      let decay = RowDecay(token, perChannel: perChannel)
      let error = four(token.v + first) - Order.decay(Row(old), by: decay, to: new, against: token.k, width)
      let y = Order.add(token.beta * error, token.k, to: new, against: token.q, width)
      store(y, to: output(head, t) + first)
      errors[t - tokens.lowerBound] = error
    }
  }

  private func reverse(_ head: Head, _ first: Int, _ s: Int, _ gradients: CoreGradients<R>) {
    let (tokens, dS) = (tokens(s), dS + first * width)
    for t in tokens.reversed() where problem.live[head.b * problem.shape.T + t] {
      let old = history + (t - tokens.lowerBound) * 4 * width
      let error = errors[t - tokens.lowerBound]
      let token = problem.token(head.b, t, head.h)
      let dy = four(token.dy + first)
      let projection = Order.add(dy, token.q, to: dS, against: token.k, width)
      let delta = token.beta * error
      let write = token.beta * projection
      let row = problem.valueRow(head.b, t, head.h)
      let dv: UnsafeMutablePointer<R> = (gradients.dv + row * problem.valueLanes).elements()
      store(write, to: dv + first)
      gradients.dbeta[row] += sumOfRows(projection * error)
      let decay = RowDecay(token, perChannel: perChannel)
      addKeyGradients(t, decay, old: old, dS: Row(dS), dy: dy, delta: delta, write: write)
      if perChannel { addDecayGradient(row, token, write, old: old, dS: Row(dS), gradients) }
      let inner = Order.erase(write, token.k, from: dS, against: Row(old), by: decay, width)
      if !perChannel { gradients.ddecay[row] += sumOfRows(inner) }
    }
  }

  /// dq += sum_rows dy S_t and dk += sum_rows (dS delta - g S_(t-1) beta dd).
  @inline(__always)
  private func addKeyGradients(
    _ t: Int, _ decay: RowDecay<R>, old: Row<R>, dS: Row<R>, dy: SIMD4<R>, delta: SIMD4<R>, write: SIMD4<R>
  ) {
    let new = old + 4 * width
    for j in 0..<width {
      let g = decay[j]
      var query = Lane<R>.zero
      var key = Lane<R>.zero
      for r in 0..<4 {
        query += dy[r] * new[r * width + j]
        key += dS[r * width + j] * delta[r] - (old[r * width + j] * g) * write[r]
      }
      dq[t * width + j] += query
      dk[t * width + j] += key
    }
  }

  /// dg_j += sum_rows (dS - write k)_j S_(t-1)_j.
  @inline(__always)
  private func addDecayGradient(
    _ row: Int, _ token: Token<R>, _ write: SIMD4<R>, old: Row<R>, dS: Row<R>, _ gradients: CoreGradients<R>
  ) {
    let channels = (gradients.ddecay + row * width * 8).lanes
    for j in 0..<width {
      var sum = Lane<R>.zero
      for r in 0..<4 { sum += (dS[r * width + j] - write[r] * token.k[j]) * old[r * width + j] }
      channels[j] += sum
    }
  }

  // MARK: rows and heads

  /// Four elements of a padded row; those past Dv are its padding, which nothing reads.
  @inline(__always)
  private func four(_ elements: UnsafePointer<R>) -> SIMD4<R> {
    UnsafeRawPointer(elements).loadUnaligned(as: SIMD4<R>.self)
  }

  @inline(__always)
  private func store(_ four: SIMD4<R>, to elements: UnsafeMutablePointer<R>) {
    UnsafeMutableRawPointer(elements).storeBytes(of: four, as: SIMD4<R>.self)
  }

  @inline(__always)
  private func sumOfRows(_ x: SIMD4<R>) -> R { ((x[0] + x[1]) + x[2]) + x[3] }

  private func output(_ head: Head, _ t: Int) -> UnsafeMutablePointer<R> {
    (results.y + problem.valueRow(head.b, t, head.h) * problem.valueLanes).elements()
  }

  private func addToGroup(_ head: Head, _ gradients: CoreGradients<R>) {
    for t in 0..<problem.shape.T {
      let key = problem.keyRow(head.b, t, problem.keyHead(head.h)) * width
      for j in 0..<width {
        gradients.dq[key + j] += dq[t * width + j]
        gradients.dk[key + j] += dk[t * width + j]
      }
    }
  }
}
