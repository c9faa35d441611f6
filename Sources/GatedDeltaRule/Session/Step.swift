/// One call of an engine on a pool of states.
public struct Step: Hashable, Sendable {
  /// What is asked.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Every row takes in its tokens, from the state in its slot or from none, and its slot holds the state behind them.
    case advance
    /// The same, but no slot changes.
    case verify
    /// Of the tokens of the step before, the first so many are kept: the slot of each row holds the state behind them.
    case keep
    /// Every row's slot takes over the state of another.
    case fork
  }

  /// A row of the call.
  public struct Row: Hashable, Sendable {
    /// Where its state lies; nil, on the wire -1, for a row of padding, which reads and writes no state.
    public var slot: Int?
    /// Its tokens, here or in the step before; zero is legal.
    public var tokens: Int
    /// How many of the tokens of the step before are kept.
    public var kept: Int
    /// Whether nothing went before: its slot holds anything, and what it begins with is zero.
    public var isFresh: Bool
    /// The slot that a fork copies.
    public var source: Int?

    /// A row.
    public init(slot: Int?, tokens: Int = 0, kept: Int = 0, isFresh: Bool = false, source: Int? = nil) {
      (self.slot, self.tokens, self.kept, self.isFresh, self.source) = (slot, tokens, kept, isFresh, source)
    }
  }

  /// What is asked.
  public var kind: Kind
  /// In the order in which their tokens lie.
  public var rows: [Row]
  /// Queries, keys, values and gates, without states and cotangents: one row after the other in a batch of one, or each
  /// in its own row of a batch, padded at the end and masked. Nil where the kind takes no tokens.
  public var tokens: Problem?
  /// Whether the rows lie in a batch.
  public var isPadded: Bool
  /// The states, [slots, Hv, Dv, Dk].
  public var pool: Tensor
  /// For what is kept: what the step before answered.
  public var history: Tensor?
  /// Whether the states behind every token are wanted.
  public var wantsHistory: Bool
  /// The rule that the session is of, also where there are no tokens: it says how states lie on the wire.
  public var contract: Contract
  /// Whether gradients are wanted, of the loss of which the tokens have the cotangent of y.
  public var wantsGradients = false
  /// For gradients the cotangent of the state that each row leaves, [rows, Hv, Dv, Dk]; absent stands for zero.
  public var dstates: Tensor?

  /// A step, by default of the rule of its tokens.
  public init(
    _ kind: Kind, rows: [Row], tokens: Problem? = nil, isPadded: Bool = false, pool: Tensor,
    history: Tensor? = nil,
    wantsHistory: Bool = false, contract: Contract? = nil
  ) {
    (self.kind, self.rows, self.tokens, self.isPadded) = (kind, rows, tokens, isPadded)
    (self.pool, self.history, self.wantsHistory) = (pool, history, wantsHistory)
    self.contract = contract ?? tokens?.contract ?? .plain
  }

  /// The gradients that are wanted and the shapes that they have: that by a state has one for each row.
  public var gradientShapes: [Quantity: [Int]] {
    guard wantsGradients, let tokens else { return [:] }
    let shapes = tokens.quantities.filter(\.isGradient).map { quantity in
      (
        quantity,
        quantity == .dstateIn ? [rows.count] + pool.shape.dropFirst() : quantity.shape(in: tokens.shape)
      )
    }
    return Dictionary(uniqueKeysWithValues: shapes)
  }

  /// Where the tokens of each row begin when they lie one after the other, and where the last end: `cu_seqlens`.
  public var offsets: [Int] { rows.reduce(into: [0]) { $0.append($0.last! + $1.tokens) } }

  /// Where the states of a row begin in a history: one before its first token, and one behind each.
  public func historyOffset(of row: Int) -> Int { offsets[row] + row }

  /// The shape of a history: the states of all rows, one row after the other, [tokens + rows, Hv, Dv, Dk].
  public var historyShape: [Int] { [offsets.last! + rows.count] + pool.shape.dropFirst() }
}

/// What an engine answered.
public struct StepAnswer: Hashable, Sendable {
  /// One output per token, of the shape of the values; nil where the step has no tokens.
  public var y: Tensor?
  /// The states afterwards, [slots, Hv, Dv, Dk].
  public var pool: Tensor
  /// The states before the first token and behind each, one row after the other, if they were wanted.
  public var history: Tensor?
  /// The gradients, where they were wanted: of the tokens in the order of the tokens, of the gates' parameters as sums over
  /// all rows, of the states that the rows began with as [rows, Hv, Dv, Dk].
  public var gradients: [Quantity: Tensor] = [:]
  /// The format that new states were in before they were put into the pool, where it is coarser.
  public var written: Precision?

  /// An answer.
  public init(y: Tensor? = nil, pool: Tensor, history: Tensor? = nil, written: Precision? = nil) {
    (self.y, self.pool, self.history, self.written) = (y, pool, history, written)
  }
}
