/// The chunked form over one problem: for each key head, forward over the chunks with the states at their
/// boundaries kept, then backward. The last chunk's matrices still stand when the way back begins.
struct ChunkSweep<Work: ChunkWork> {
  typealias R = Work.R
  let form: ChunkedForm
  let problem: CoreProblem<R>
  let results: CoreResults<R>
  let scratch: Work
  private let chunks: Int
  private let stateSize: Int
  private let boundaries: MutableRow<R>  // [group, chunks + 1, Dk, valueLanes]
  private let dstates: MutableRow<R>  // [group, Dk, valueLanes]

  init(_ form: ChunkedForm, _ problem: CoreProblem<R>, _ results: CoreResults<R>, _ arena: Arena) {
    (self.form, self.problem, self.results) = (form, problem, results)
    let shape = problem.shape
    chunks = (shape.T + form.chunk - 1) / form.chunk
    scratch = Work(form, problem, arena: arena)
    stateSize = scratch.keyRows * problem.valueLanes
    boundaries = arena.allocate(shape.groupSize * (chunks + 1) * stateSize, filledWith: .zero)
    dstates = arena.allocate(shape.groupSize * stateSize, filledWith: .zero)
  }

  /// The heads of these groups, in order.
  func run(_ groups: Range<Int>) {
    for group in groups {
      let heads = problem.heads(of: group..<group + 1)
      let keyHead = group % problem.shape.Hk
      for head in heads { start(head) }
      for c in 0..<chunks - 1 { visit(c, heads, keyHead, advances: true, gradients: nil) }
      visit(chunks - 1, heads, keyHead, advances: true, gradients: results.gradients)
      for head in heads { finish(head) }
      guard let gradients = results.gradients else { continue }
      for c in (0..<chunks - 1).reversed() {
        visit(c, heads, keyHead, advances: false, gradients: gradients)
      }
      for head in heads { transposeState(dstates(head), to: gradients.dstate + problem.stateOffset(head)) }
    }
  }

  /// One chunk of every head of a group: forward to the next boundary, backward, or both.
  private func visit(
    _ c: Int, _ heads: [Head], _ keyHead: Int, advances: Bool, gradients: CoreGradients<R>?
  ) {
    let span = ChunkSpan(c, form: form, T: problem.shape.T)
    scratch.loadKeys(problem, b: heads[0].b, keyHead: keyHead, span)
    if gradients != nil { scratch.clearKeyGradients(span) }
    for head in heads {
      let state = Row(boundary(head, c))
      loadGramAgain(head, keyHead, span)
      scratch.loadHead(form, problem, head, span)
      scratch.formUpdates(form, state: state, span)
      if advances {
        scratch.formOutputs(state: state, span)
        scratch.advance(state: state, to: boundary(head, c + 1), span)
        scratch.storeOutputs(problem, head, span, to: results.y)
      }
      guard let gradients else { continue }
      scratch.loadCotangents(problem, head, span)
      scratch.differentiate(state: state, dstate: dstates(head), span)
      scratch.storeHeadGradients(problem, head, span, to: gradients)
    }
    guard let gradients else { return }
    scratch.storeKeyGradients(problem, b: heads[0].b, keyHead: keyHead, span, to: gradients)
  }

  /// What sharing saves: the group's second head on forms the products that the first has formed.
  private func loadGramAgain(_ head: Head, _ keyHead: Int, _ span: ChunkSpan) {
    guard form.gram == .perValueHead, head.h % problem.shape.groupSize > 0 else { return }
    scratch.loadKeys(problem, b: head.b, keyHead: keyHead, span)
  }

  // MARK: states

  private func boundary(_ head: Head, _ c: Int) -> MutableRow<R> {
    boundaries + ((head.h % problem.shape.groupSize) * (chunks + 1) + c) * stateSize
  }

  private func dstates(_ head: Head) -> MutableRow<R> {
    dstates + (head.h % problem.shape.groupSize) * stateSize
  }

  /// M = S^T, for the state and for its cotangent.
  private func start(_ head: Head) {
    let count = problem.keyLanes * 8
    for (source, target) in [(problem.state, boundary(head, 0)), (problem.dstate, dstates(head))] {
      let from: UnsafePointer<R> = (source + problem.stateOffset(head)).elements()
      let to: UnsafeMutablePointer<R> = target.elements()
      for j in 0..<problem.shape.Dk {
        for i in 0..<problem.shape.Dv { to[j * problem.valueLanes * 8 + i] = from[i * count + j] }
      }
    }
  }

  private func finish(_ head: Head) {
    transposeState(boundary(head, chunks), to: results.state + problem.stateOffset(head))
  }

  private func transposeState(_ M: MutableRow<R>, to S: MutableRow<R>) {
    let from: UnsafeMutablePointer<R> = M.elements()
    let to: UnsafeMutablePointer<R> = S.elements()
    for i in 0..<problem.shape.Dv {
      for j in 0..<problem.shape.Dk {
        to[i * problem.keyLanes * 8 + j] = from[j * problem.valueLanes * 8 + i]
      }
    }
  }
}

/// The tokens of one chunk, and the rows they are padded to.
struct ChunkSpan {
  let first: Int
  let count: Int
  /// Rows, a multiple of 8; those past `count` are identity tokens.
  let rows: Int

  init(_ c: Int, form: ChunkedForm, T: Int) {
    first = c * form.chunk
    count = min(form.chunk, T - first)
    rows = lanes(count) * 8
  }

  /// Vectors in a row of tokens.
  var width: Int { rows / 8 }

  /// The vectors of row i of a matrix of tokens by tokens that reach up to its diagonal; of what lies above it the
  /// rest is never formed.
  @inline(__always) func lower(_ i: Int) -> Range<Int> { i * width..<i * width + i / 8 + 1 }
}
