import GatedDeltaRule

/// The chunks of every head: forward with the states between them kept, then backward.
struct ChunkSweep<R: Scalar> {
  let length: Int
  let subBlock: Int
  private let sample: Sample<R>
  private(set) var answer: Answer<R>

  init(_ sample: Sample<R>, length: Int, subBlock: Int) {
    (self.sample, self.length, self.subBlock, answer) = (sample, length, subBlock, Answer(sample.shape))
  }

  mutating func run(gradients: Bool) {
    for b in 0..<sample.shape.B { for h in 0..<sample.shape.Hv { run(b, h, gradients) } }
  }

  private mutating func run(_ b: Int, _ h: Int, _ gradients: Bool) {
    let (K, V) = (sample.shape.Dk, sample.shape.Dv)
    let offset = sample.stateOffset(b, h)
    var S = Matrix(V, K) { sample.state[offset + $0 * K + $1] }
    var states: [Matrix<R>] = []
    var chunks: [any ChunkPass<R>] = []
    for tokens in spans {
      let chunk: any ChunkPass<R> =
        sample.shape.decayKind == .perChannel
        ? ChannelChunk(sample, b, h, tokens, self, S: S)
        : Chunk(sample, b, h, tokens, self, S: S, carried: chunks.last?.sum ?? 0)
      store(chunk.outputs(S), b, h, tokens, \.y)
      states.append(S)
      chunks.append(chunk)
      S = chunk.next(S)
    }
    for n in 0..<V { for j in 0..<K { answer.state[offset + n * K + j] = S[n, j] } }
    guard gradients else { return }
    var dS = Matrix(V, K) { sample.dstate[offset + $0 * K + $1] }
    for (c, chunk) in chunks.enumerated().reversed() {
      let found = chunk.gradients(states[c], dS)
      store(found, b, h, spans[c])
      dS = fault == .cotangentDroppedAtChunks ? Matrix(V, K) : found.dstate
    }
    for n in 0..<V { for j in 0..<K { answer.dstate[offset + n * K + j] = dS[n, j] } }
  }

  private var fault: Fault? { sample.fault }

  /// The tokens of each chunk.
  private var spans: [Range<Int>] {
    let T = sample.shape.T
    let end = fault == .tailDropped && T > length ? T / length * length : T
    return stride(from: 0, to: end, by: length).map { $0..<min($0 + length, end) }
  }

  private mutating func store(
    _ rows: Matrix<R>, _ b: Int, _ h: Int, _ tokens: Range<Int>, _ path: WritableKeyPath<Answer<R>, [R]>
  ) {
    for (i, t) in tokens.enumerated() {
      let row = sample.row(b, t, h) * rows.columns
      for n in 0..<rows.columns { answer[keyPath: path][row + n] = rows[i, n] }
    }
  }

  private mutating func store(_ found: ChunkGradients<R>, _ b: Int, _ h: Int, _ tokens: Range<Int>) {
    store(found.dv, b, h, tokens, \.dv)
    for (i, t) in tokens.enumerated() {
      let row = sample.row(b, t, h)
      let key = sample.key(b, t, h)
      let width = found.dg.columns
      for n in 0..<width { answer.dg[row * width + n] = found.dg[i, n] }
      answer.dbeta[row] = found.dbeta[i]
      for j in 0..<sample.shape.Dk {
        answer.dq[key + j] += found.dq[i, j]
        answer.dk[key + j] += found.dk[i, j]
      }
    }
  }
}
