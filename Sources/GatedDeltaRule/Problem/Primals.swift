/// Where decay and write strength come from.
public enum Gates: Hashable, Sendable {
  /// The recurrence's own: g, the decay factor (linear, not its logarithm), and beta, the write strength.
  case core(g: Tensor, beta: Tensor)
  /// The model's, from which lambda = -exp(A_log) softplus(a + dt_bias), g = exp(lambda), beta = sigmoid(b).
  case model(a: Tensor, b: Tensor, A_log: Tensor, dt_bias: Tensor)
}

/// At which level a problem is given.
public enum Level: String, Hashable, Sendable, CaseIterable {
  case core
  case model
}

/// What the rule maps from; and, since a gradient has the shape of what it belongs to, the gradients as well.
public struct Primals: Hashable, Sendable {
  /// Queries.
  public var q: Tensor  // [B, T, Hk, Dk]
  /// Keys.
  public var k: Tensor  // [B, T, Hk, Dk]
  /// Values.
  public var v: Tensor  // [B, T, Hv, Dv]
  /// Decay and write strength.
  public var gates: Gates
  /// The state before the first token; absent stands for zero.
  public var state: Tensor?  // [B, Hv, Dv, Dk]

  /// Shapes are checked where a `Problem` is made.
  public init(q: Tensor, k: Tensor, v: Tensor, gates: Gates, state: Tensor?) {
    (self.q, self.k, self.v, self.gates, self.state) = (q, k, v, gates, state)
  }

  /// Whether the gates are the recurrence's or the model's.
  public var level: Level {
    switch gates {
    case .core: .core
    case .model: .model
    }
  }
}

/// What the rule maps to; and, read as cotangents, what the loss says of it. Absent stands for zero.
public struct Outputs: Hashable, Sendable {
  /// One output per token.
  public var y: Tensor?  // [B, T, Hv, Dv]
  /// The state after the last token.
  public var state: Tensor?  // [B, Hv, Dv, Dk]

  /// Shapes are checked where a `Problem` is made.
  public init(y: Tensor? = nil, state: Tensor? = nil) {
    (self.y, self.state) = (y, state)
  }
}
