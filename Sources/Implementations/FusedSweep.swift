/// The fused form on four state rows of one head at a time.
struct FusedSweep<R: Real, Order: DotOrder> {
  private let problem: CoreProblem<R>
  private let results: CoreResults<R>
  private let width: Int  // vectors in a key row
  private let perChannel: Bool
  private let history: MutableRow<R>  // [T + 1, 4, width]
  private let errors: UnsafeMutablePointer<SIMD4<R>>  // [T], v - <g S, k>
  private let dS: MutableRow<R>  // [4, width]
  private let dq: MutableRow<R>, dk: MutableRow<R>  // [T, width], one head's

  init(_ problem: CoreProblem<R>, _ results: CoreResults<R>, _ arena: Arena) {
    (self.problem, self.results, width) = (problem, results, problem.keyLanes)
    perChannel = problem.shape.decay == .perChannel
    let T = problem.shape.T
    history = arena.allocate((T + 1) * 4 * width)
    errors = arena.allocate(T)
    dS = arena.allocate(4 * width)
    dq = arena.allocate(T * width)
    dk = arena.allocate(T * width)
  }

  /// The heads of these groups, in order.
  func run(_ groups: Range<Int>) {
    for head in problem.heads(of: groups) {
      dq.update(repeating: .zero, count: problem.shape.T * width)
      dk.update(repeating: .zero, count: problem.shape.T * width)
      for first in stride(from: 0, to: problem.shape.Dv, by: 4) {
        let rows = min(4, problem.shape.Dv - first)
        load(history, from: problem.state, head, first, rows)
        forward(head, first, rows)
        store(history + problem.shape.T * 4 * width, to: results.state, head, first, rows)
        if let gradients = results.gradients {
          load(dS, from: problem.dstate, head, first, rows)
          reverse(head, first, rows, gradients)
          store(dS, to: gradients.dstate, head, first, rows)
        }
      }
      if let gradients = results.gradients { addToGroup(head, gradients) }
    }
  }

  // MARK: four rows

  private func forward(_ head: Head, _ first: Int, _ rows: Int) {
    for t in 0..<problem.shape.T {
      let old = history + t * 4 * width
      let new = old + 4 * width
      guard problem.live[head.b * problem.shape.T + t] else {
        new.update(from: old, count: 4 * width)
        continue
      }
      let token = problem.token(head.b, t, head.h)
      var error = SIMD4<R>.zero
      for r in 0..<4 {
        let row = new + r * width
        decay(old + r * width, by: token, to: row)
        let value = r < rows ? token.v[first + r] : 0
        error[r] = value - Order.inner(row, token.k, width)
        add(token.beta * error[r], token.k, to: row, width)
        if r < rows { output(head, t)[first + r] = Order.inner(row, token.q, width) }
      }
      errors[t] = error
    }
  }

  private func reverse(_ head: Head, _ first: Int, _ rows: Int, _ gradients: CoreGradients<R>) {
    for t in (0..<problem.shape.T).reversed() where problem.live[head.b * problem.shape.T + t] {
      let old = history + t * 4 * width
      let token = problem.token(head.b, t, head.h)
      var dy = SIMD4<R>.zero
      for r in 0..<rows { dy[r] = token.dy[first + r] }
      var projection = SIMD4<R>.zero
      for r in 0..<4 {
        add(dy[r], token.q, to: dS + r * width, width)
        projection[r] = Order.inner(dS + r * width, token.k, width)
      }
      let delta = token.beta * errors[t]
      let write = token.beta * projection
      let row = problem.valueRow(head.b, t, head.h)
      let dv: UnsafeMutablePointer<R> = (gradients.dv + row * problem.valueLanes).elements()
      for r in 0..<rows { dv[first + r] = write[r] }
      gradients.dbeta[row] += sumOfRows(projection * errors[t])
      addKeyGradients(t, token, old: old, dy: dy, delta: delta, write: write)
      for r in 0..<4 { add(-write[r], token.k, to: dS + r * width, width) }
      addDecayGradient(row, old: old, gradients)
      for r in 0..<4 { decay(Row(dS + r * width), by: token, to: dS + r * width) }
    }
  }

  /// dq += sum_rows dy S_t and dk += sum_rows (dS delta - g S_(t-1) beta dd).
  @inline(__always)
  private func addKeyGradients(
    _ t: Int, _ token: Token<R>, old: Row<R>, dy: SIMD4<R>, delta: SIMD4<R>, write: SIMD4<R>
  ) {
    let new = old + 4 * width
    let channels = UnsafeRawPointer(token.g).assumingMemoryBound(to: Lane<R>.self)
    for j in 0..<width {
      let g = perChannel ? channels[j] : Lane<R>(repeating: token.g[0])
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

  @inline(__always)
  private func addDecayGradient(_ row: Int, old: Row<R>, _ gradients: CoreGradients<R>) {
    guard perChannel else {
      var products = SIMD4<R>.zero
      for r in 0..<4 { products[r] = Order.inner(Row(dS + r * width), old + r * width, width) }
      gradients.ddecay[row] += sumOfRows(products)
      return
    }
    let channels = UnsafeMutableRawPointer(gradients.ddecay + row * width * 8).assumingMemoryBound(
      to: Lane<R>.self)
    for j in 0..<width {
      var sum = Lane<R>.zero
      for r in 0..<4 { sum += dS[r * width + j] * old[r * width + j] }
      channels[j] += sum
    }
  }

  // MARK: rows and heads

  @inline(__always)
  private func sumOfRows(_ x: SIMD4<R>) -> R { ((x[0] + x[1]) + x[2]) + x[3] }

  @inline(__always)
  private func decay(_ row: Row<R>, by token: Token<R>, to result: MutableRow<R>) {
    if perChannel {
      let channels = UnsafeRawPointer(token.g).assumingMemoryBound(to: Lane<R>.self)
      for j in 0..<width { result[j] = row[j] * channels[j] }
    } else {
      let g = token.g[0]
      for j in 0..<width { result[j] = row[j] * g }
    }
  }

  private func output(_ head: Head, _ t: Int) -> UnsafeMutablePointer<R> {
    (results.y + problem.valueRow(head.b, t, head.h) * problem.valueLanes).elements()
  }

  /// Rows `first` .. `first + rows` of a head's state; the rest of the four are zero.
  private func load(_ four: MutableRow<R>, from state: Row<R>, _ head: Head, _ first: Int, _ rows: Int) {
    four.update(repeating: .zero, count: 4 * width)
    four.update(from: state + stateRow(head, first), count: rows * width)
  }

  private func store(_ four: Row<R>, to state: MutableRow<R>, _ head: Head, _ first: Int, _ rows: Int) {
    (state + stateRow(head, first)).update(from: four, count: rows * width)
  }

  private func stateRow(_ head: Head, _ row: Int) -> Int {
    ((head.b * problem.shape.Hv + head.h) * problem.shape.Dv + row) * width
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
