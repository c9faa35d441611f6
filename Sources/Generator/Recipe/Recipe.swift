import GatedDeltaRule

/// One case in one line: the only thing that is drawn, shrunk, saved, named and printed.
///
/// A recipe says what is hard about a case and leaves the numbers to the renderer, which makes the same bits of it
/// on every machine. Any combination of dimensions can be written down; `validate` says which make a problem.
public struct Recipe: Hashable, Sendable {
  /// Batch rows, tokens, key heads, value heads, channels of a key, channels of a value.
  public var B, T, Hk, Hv, Dk, Dv: Int
  /// One decay per token and head, or one per key channel.
  public var decayKind: DecayKind
  /// Whether the gates are the recurrence's or the model's.
  public var level: Level
  /// What the numbers are made of.
  public var numbers = Numbers.any
  /// How the keys lie to each other.
  public var keys: Keys
  /// What reads.
  public var queries: Queries
  /// What is written.
  public var values: Values
  /// Decay over time.
  public var decay: DecayPattern
  /// The rate of each head, at model level.
  public var A_log: GateParameter
  /// The bias of the gate, at model level.
  public var dt_bias: GateParameter
  /// How much is written.
  public var write: WriteStrength
  /// The state before the first token.
  public var state: InitialState
  /// What the loss says of y.
  public var dy: OutputCotangent
  /// What the loss says of the final state.
  public var dstate: StateCotangent
  /// Which tokens are real.
  public var mask: Masking
  /// What the others hold.
  public var pad: Padding
  /// Which rule is asked for.
  public var contract = Contract.plain
  /// In which calls an engine gets the tokens, on which pool of states; nil for one call only.
  public var calls: Calls?
  /// The format of q, k, v, beta, a, b and dy. g, the states and the parameters of the gates stay fp32.
  public var precision: Precision
  /// What the values are hashed from.
  public var seed: UInt64

  /// Everything that is left out is its plainest.
  public init(
    B: Int = 1, T: Int, Hk: Int = 1, Hv: Int = 1, Dk: Int = 1, Dv: Int = 1, decayKind: DecayKind = .scalar,
    level: Level = .core, keys: Keys = .random, queries: Queries = .random, values: Values = .random,
    decay: DecayPattern = .constant(0), A_log: GateParameter = .constant(0),
    dt_bias: GateParameter = .constant(0),
    write: WriteStrength = .constant(0.5), state: InitialState = .none, dy: OutputCotangent = .random,
    dstate: StateCotangent = .none, mask: Masking = .none, pad: Padding = .zeros,
    precision: Precision = .fp32,
    seed: UInt64 = 0
  ) {
    (self.B, self.T, self.Hk, self.Hv, self.Dk, self.Dv) = (B, T, Hk, Hv, Dk, Dv)
    (self.decayKind, self.level) = (decayKind, level)
    (self.keys, self.queries, self.values) = (keys, queries, values)
    (self.decay, self.A_log, self.dt_bias, self.write) = (decay, A_log, dt_bias, write)
    (self.state, self.dy, self.dstate) = (state, dy, dstate)
    (self.mask, self.pad) = (mask, pad)
    (self.precision, self.seed) = (precision, seed)
  }

  /// The sizes in the letters of their names.
  var sizes: [(letter: String, size: Int)] {
    [("B", B), ("T", T), ("Hk", Hk), ("Hv", Hv), ("Dk", Dk), ("Dv", Dv)]
  }
}
