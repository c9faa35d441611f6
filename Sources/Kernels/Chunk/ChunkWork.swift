/// What a sweep over chunks asks of the matrices of one of them, which are allocated once and filled again for every
/// chunk and head.
protocol ChunkWork<R> {
  associatedtype R: Real
  /// Rows of a state, Dk padded.
  var keyRows: Int { get }

  init(_ form: ChunkedForm, _ problem: CoreProblem<R>, arena: Arena)

  /// What the value heads of a group share.
  func loadKeys(_ problem: CoreProblem<R>, b: Int, keyHead: Int, _ span: ChunkSpan)
  /// What belongs to a value head, and the pairs of its tokens.
  func loadHead(_ form: ChunkedForm, _ problem: CoreProblem<R>, _ head: Head, _ span: ChunkSpan)
  /// What every token writes, from the state before the chunk.
  func formUpdates(_ form: ChunkedForm, state: Row<R>, _ span: ChunkSpan)
  /// The outputs.
  func formOutputs(state: Row<R>, _ span: ChunkSpan)
  /// The state after the chunk.
  func advance(state: Row<R>, to next: MutableRow<R>, _ span: ChunkSpan)
  /// The outputs of live tokens; masked ones stay zero.
  func storeOutputs(_ problem: CoreProblem<R>, _ head: Head, _ span: ChunkSpan, to y: MutableRow<R>)

  /// dK and dQ of a group start at zero.
  func clearKeyGradients(_ span: ChunkSpan)
  /// dY; its rows at masked tokens are zero already.
  func loadCotangents(_ problem: CoreProblem<R>, _ head: Head, _ span: ChunkSpan)
  /// The gradients of one head. `dstate` enters as the cotangent of the state after the chunk and leaves as that of the
  /// state before.
  ///
  /// - Precondition: `formUpdates` ran on the same state.
  func differentiate(state: Row<R>, dstate: MutableRow<R>, _ span: ChunkSpan)
  /// dV, dg and dbeta of live tokens.
  func storeHeadGradients(
    _ problem: CoreProblem<R>, _ head: Head, _ span: ChunkSpan, to gradients: CoreGradients<R>)
  /// dK and dQ of live tokens, the group's sum.
  func storeKeyGradients(
    _ problem: CoreProblem<R>, b: Int, keyHead: Int, _ span: ChunkSpan, to gradients: CoreGradients<R>)
}
