/// What an implementation answered.
public struct Evaluation: Hashable, Sendable {
  /// Outputs and, where it differentiates, gradients. A quantity that is absent was not computed.
  public var results: [Quantity: Tensor]
  /// Bytes of state history, checkpoints and scratch held at the peak, counted by the implementation itself;
  /// inputs and results are not part of it.
  public var peakBytes: Int?
  /// How long the evaluation took, where it says so itself: a claim, which nobody has checked.
  public var seconds: Double?
  /// How long whoever asked waited, from the first byte of the question to the last of the answer, where both went
  /// through a pipe: by the clock of the one who asks.
  package var clocked: Double?
  /// The form of this answer, where it says so itself: what takes long calls another way than short ones. It goes before
  /// what is declared of all.
  public var form: Declaration.Form?
  /// The floor under the decay of this answer, likewise.
  public var clamp: Declaration.Clamp?
  /// What whoever watched its memory has seen, a short sentence each: `wrote 4 values past the end of dq`. Empty where
  /// there is nothing to say, and where nobody watched.
  public var memory: [String] = []

  /// From results by name.
  public init(results: [Quantity: Tensor], peakBytes: Int? = nil) {
    (self.results, self.peakBytes) = (results, peakBytes)
  }

  /// From the mathematics' own types.
  public init(outputs: Outputs, gradients: Primals?, peakBytes: Int? = nil) {
    var results = [Quantity: Tensor](minimumCapacity: 10)
    results[.y] = outputs.y
    results[.stateOut] = outputs.state
    if let gradients {
      results[.dq] = gradients.q
      results[.dk] = gradients.k
      results[.dv] = gradients.v
      results[.dstateIn] = gradients.state
      switch gradients.gates {
      case .core(let dg, let dbeta):
        results[.dg] = dg
        results[.dbeta] = dbeta
      case .model(let da, let db, let dA_log, let ddt_bias):
        results[.da] = da
        results[.db] = db
        results[.dA_log] = dA_log
        results[.ddt_bias] = ddt_bias
      }
    }
    self.init(results: results, peakBytes: peakBytes)
  }

  /// The tensor of one quantity.
  public subscript(quantity: Quantity) -> Tensor? { results[quantity] }
}
