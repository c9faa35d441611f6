/// The matrices of one chunk whose decay has a factor for every key channel; what does not depend on that is `chunk`.
struct ChannelScratch<R: Real>: ChunkWork {
  let chunk: ChunkScratch<R>
  let decay: ChannelDecay<R>

  let readQ: MutableRow<R>, readK: MutableRow<R>  // [L, keyLanes], gam o Q and gam o K
  let writtenK: MutableRow<R>  // [L, keyLanes], eta o K
  // Of one sub-block: what its rows and the rows before its anchor are multiplied with, and the cotangents.
  let lateQ: MutableRow<R>, lateK: MutableRow<R>  // [block, keyLanes], R o Q and R o K
  let earlyK: MutableRow<R>  // [L, keyLanes], L o K
  let dlateQ: MutableRow<R>, dlateK: MutableRow<R>, dearlyK: MutableRow<R>  // as those
  let dreadQ: MutableRow<R>, dreadK: MutableRow<R>, dwrittenK: MutableRow<R>  // [L, keyLanes]
  let dlast: MutableRow<R>  // [keyLanes], the cotangent of gam_C where it multiplies the state
  let dg: MutableRow<R>  // [L, keyLanes]

  var keyLanes: Int { chunk.keyLanes }
  var valueLanes: Int { chunk.valueLanes }
  var keyRows: Int { chunk.keyRows }
  /// <k_i, k_j> with the decay between them, [L, L].
  var B: MutableRow<R> { chunk.KK }

  init(_ form: ChunkedForm, _ problem: CoreProblem<R>, arena: Arena) {
    chunk = ChunkScratch(form, problem, arena: arena)
    let size = ChunkSpan(0, form: form, T: problem.shape.T).rows
    decay = ChannelDecay(form.decay, size: size, width: problem.keyLanes, arena: arena)
    let (keys, block) = (size * problem.keyLanes, ChannelDecay<R>.block * problem.keyLanes)
    func matrix(_ count: Int) -> MutableRow<R> { arena.allocate(count) }
    (readQ, readK, writtenK) = (matrix(keys), matrix(keys), matrix(keys))
    (dreadQ, dreadK, dwrittenK, dg) = (matrix(keys), matrix(keys), matrix(keys), matrix(keys))
    (earlyK, dearlyK) = (matrix(keys), matrix(keys))
    (lateQ, lateK, dlateQ, dlateK) = (matrix(block), matrix(block), matrix(block), matrix(block))
    dlast = matrix(problem.keyLanes)
  }

  /// How many rows of channels all of these hold, in a chunk of `size` tokens: what memory they need.
  static func heldRows(_ size: Int) -> Int {
    let block = ChannelDecay<R>.block
    return size * (2 * block + 2 * (size / block + 1) + 16) + 5 * block
  }

  func loadKeys(_ problem: CoreProblem<R>, b: Int, keyHead: Int, _ span: ChunkSpan) {
    chunk.loadRows(problem, b: b, keyHead: keyHead, span)
  }

  /// V, g, beta, and from them the decay factors, A, B and P.
  func loadHead(_ form: ChunkedForm, _ problem: CoreProblem<R>, _ head: Head, _ span: ChunkSpan) {
    chunk.loadValues(problem.v, problem, head, span, to: chunk.V)
    for i in 0..<span.rows {
      let row = problem.valueRow(head.b, span.first + i, head.h)
      let isToken = i < span.count && problem.live[head.b * problem.shape.T + span.first + i]
      chunk.beta[i] = isToken ? problem.beta[row] : 0
      let factors = decay.row(decay.g, i)
      if isToken {
        let given: Row<R> = UnsafeRawPointer(problem.decay + row * keyLanes * 8)
          .assumingMemoryBound(to: Lane<R>.self)
        factors.update(from: given, count: keyLanes)
      } else {
        factors.update(repeating: Lane<R>(repeating: 1), count: keyLanes)
      }
    }
    decay.form(span.rows)
    for j in 0..<span.rows * keyLanes {
      readQ[j] = chunk.Q[j] * decay.fromStart[j]
      readK[j] = chunk.K[j] * decay.fromStart[j]
      writtenK[j] = chunk.K[j] * decay.toEnd[j]
    }
    formPairs(span)
  }

  /// P, B and A = -beta B.
  private func formPairs(_ span: ChunkSpan) {
    for a in stride(from: 0, to: span.rows, by: ChannelDecay<R>.block) {
      let rows = decay.rows(from: a, of: span.rows)
      if a > 0 {
        formEarly(a, span)
        transpose(Row(earlyK), rows: span.rows, columns: keyRows, to: chunk.transposedK)
        formLate(rows)
        for (target, left) in [(chunk.P, lateQ), (B, lateK)] {
          multiply(
            Matrix(Row(left), lanes: keyLanes), Row(chunk.transposedK), to: target + a * span.width,
            rows: rows.count, inner: keyRows, lanes: span.width)
        }
      }
      formPairsInside(rows, span)
    }
    chunk.clearUpper(chunk.P, span, diagonal: false)
    chunk.clearUpper(B, span, diagonal: true)
    for i in 0..<span.rows {
      for j in span.lower(i) { chunk.A[j] = -chunk.beta[i] * B[j] }
    }
    chunk.clearUpper(chunk.A, span, diagonal: true)
  }

  /// The pairs of one sub-block, one by one.
  private func formPairsInside(_ rows: Range<Int>, _ span: ChunkSpan) {
    let (scores, products): (UnsafeMutablePointer<R>, UnsafeMutablePointer<R>) = (
      chunk.P.elements(), B.elements()
    )
    for i in rows {
      let (q, k) = (decay.row(chunk.Q, i), decay.row(chunk.K, i))
      for j in rows.lowerBound...i {
        let (earlier, factor) = (decay.row(chunk.K, j), decay.inside(i, j))
        var (score, product) = (Lane<R>.zero, Lane<R>.zero)
        for c in 0..<keyLanes {
          let decayed = factor[c] * earlier[c]
          score += q[c] * decayed
          product += k[c] * decayed
        }
        scores[i * span.rows + j] = score.total
        products[i * span.rows + j] = product.total
      }
    }
  }

  /// L o K for the rows before anchor `a`, and zeros for the others.
  func formEarly(_ a: Int, _ span: ChunkSpan) {
    let factors = decay.before(a, 0)
    for j in 0..<a * keyLanes { earlyK[j] = chunk.K[j] * factors[j] }
    (earlyK + a * keyLanes).update(repeating: .zero, count: (span.rows - a) * keyLanes)
  }

  /// R o Q and R o K for the rows of a sub-block.
  func formLate(_ rows: Range<Int>) {
    for i in rows {
      let factor = decay.inside(i, rows.lowerBound)
      let place = (i - rows.lowerBound) * keyLanes
      for c in 0..<keyLanes {
        lateQ[place + c] = decay.row(chunk.Q, i)[c] * factor[c]
        lateK[place + c] = decay.row(chunk.K, i)[c] * factor[c]
      }
    }
  }
}
