/// How the tokens of a problem reach an engine: entry by entry, on a pool of states.
///
/// Row `b` is sequence `b` of the problem; each fork adds one more. A row goes on where it stopped, whichever other rows
/// a call has and in whichever order.
public struct Calls: Hashable, Sendable {
  /// What an entry asks for.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// One call: every row takes in its next tokens.
    case prefill
    /// So many calls of one token for every row.
    case decode
    /// One call of drafts, which changes no state, and one that keeps those that are accepted: the first so many.
    case verify
    /// Every row of the call before gives back its last tokens, as many as it took in there.
    case undo
    /// A new row begins with the state of this one, and reads other tokens from then on.
    case fork
  }

  /// One entry.
  public struct Entry: Hashable, Sendable {
    /// What it asks for.
    public var kind: Kind
    /// Tokens of a prefill, drafts of a verify, tokens that an undo gives back: one number for all rows, or one each.
    /// For a decode the number of calls; none for a fork.
    public var counts: [Int]
    /// Of a verify: one number for all rows, or one each.
    public var accepted: [Int]
    /// The rows in the order of the call, nil for one of padding, whose slot is -1; all that the problem has, in their
    /// order, where this is empty.
    public var rows: [Int?]

    /// An entry of all rows.
    public init(_ kind: Kind, _ counts: [Int] = [], accepted: [Int] = [], rows: [Int?] = []) {
      (self.kind, self.counts, self.accepted, self.rows) = (kind, counts, accepted, rows)
    }
  }

  /// A pool that is larger than the rows need, in which they lie in reverse.
  public struct Pool: Hashable, Sendable {
    /// Slots in all.
    public var slots: Int
    /// What slots hold that nobody has written, and tokens of padding where it is no number.
    public var filling: Filling

    /// What may lie where nothing was written.
    public enum Filling: String, Hashable, Sendable, CaseIterable {
      /// Numbers that are no state's.
      case numbers
      /// NaN.
      case nan
      /// Infinity, which times zero is NaN.
      case inf
    }

    /// So many slots.
    public init(slots: Int, filling: Filling = .numbers) { (self.slots, self.filling) = (slots, filling) }
  }

  /// In their order.
  public var entries: [Entry]
  /// Whether the rows of a call lie in a batch, padded at the end and masked, in place of one after the other.
  public var isPadded: Bool
  /// Nil for as many slots as there are rows, in their order, zeros to begin with.
  public var pool: Pool?

  /// By default packed, in a pool that is just large enough.
  public init(_ entries: [Entry], isPadded: Bool = false, pool: Pool? = nil) {
    (self.entries, self.isPadded, self.pool) = (entries, isPadded, pool)
  }

  /// Rows that forks add.
  public var forks: Int { entries.reduce(0) { $0 + ($1.kind == .fork ? max(1, $1.rows.count) : 0) } }

  /// Slots of the pool, for a problem of so many rows.
  public func slots(B: Int) -> Int { pool?.slots ?? B + forks }

  /// Where the state of a row lies.
  public func slot(of row: Int, B: Int) -> Int { pool.map { $0.slots - 1 - row } ?? row }
}
