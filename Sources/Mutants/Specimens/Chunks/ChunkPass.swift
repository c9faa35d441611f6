/// One chunk of one head, ready to be read, left behind and differentiated.
protocol ChunkPass<R> {
  associatedtype R: Scalar
  /// The running sum of log g at its end, where it is one number.
  var sum: R { get }
  /// Y, [L, Dv], from the state S [Dv, Dk] before it.
  func outputs(_ S: Matrix<R>) -> Matrix<R>
  /// The state after it.
  func next(_ S: Matrix<R>) -> Matrix<R>
  /// From dY and the cotangent dS of the state after it.
  func gradients(_ S: Matrix<R>, _ dS: Matrix<R>) -> ChunkGradients<R>
}

/// The gradients of one chunk of one head.
struct ChunkGradients<R: Scalar> {
  var dq: Matrix<R>, dk: Matrix<R>  // [L, Dk]
  var dv: Matrix<R>  // [L, Dv]
  var dg: Matrix<R>  // [L, decayWidth]
  var dbeta: [R]
  /// The cotangent of the state before the chunk.
  var dstate: Matrix<R>
}
