/// What the tokens of one chunk hold that its pairs are made of, from the last token to the first: kept on the way back
/// until all of them are known.
final class ChunkPairs {
  /// The most live tokens of a chunk whose pairs are looked at one by one.
  static let limit = 256

  /// A token whose gradient by the decay waits for its bound.
  struct Token {
    /// Its index into [B, T, Hv].
    let index: Int
    /// Its decay, and |k| and |q|.
    let g, keyNorm, queryNorm: Double
    /// |<dy, y>| + |<beta h, S~ k>| and |<delta, h>|: what the rows and the columns of its pairs add up to.
    let sums: Double
    /// Nil where its gradient is exactly zero.
    var pending: Pending?
  }

  /// What is known of a gradient by log g but for the losses of the pairs.
  struct Pending {
    /// |g dg|, and what it is off by without those.
    let size, bound: Double
    /// The decay that the gradient is divided by.
    let g: Double
  }

  private(set) var tokens: [Token] = []
  /// [tokens, blocks of Dk] and [tokens, blocks of Dv]; the lanes past the end are zero.
  let k, q, dy, bh, delta, cotangents, writes: UnsafeMutablePointer<Rows>
  /// Blocks of four channels of a key, and of four rows of the state.
  let keyBlocks, blocks: Int
  /// |D| at the end of the chunk, row by row.
  let end: UnsafeMutablePointer<Rows>
  /// By pair of one column, and by token: see `Sweep.finishPairs`.
  let losses, ofRows, ofEnds, ofCrossings: UnsafeMutablePointer<Double>
  private let rows: UnsafeMutablePointer<Rows>
  private let numbers: UnsafeMutablePointer<Double>

  init(channels: Int, blocks: Int, tokens: Int) {
    (keyBlocks, self.blocks) = ((channels + 3) / 4, blocks)
    let (ofKeys, ofRows) = (tokens * keyBlocks, tokens * blocks)
    let count = 2 * ofKeys + 5 * ofRows + blocks
    rows = .allocate(capacity: count)
    rows.initialize(repeating: .zero, count: count)
    (k, q) = (rows, rows + ofKeys)
    let values = rows + 2 * ofKeys
    (dy, bh, delta) = (values, values + ofRows, values + 2 * ofRows)
    (cotangents, writes, end) = (values + 3 * ofRows, values + 4 * ofRows, values + 5 * ofRows)
    numbers = .allocate(capacity: 4 * tokens)
    numbers.initialize(repeating: 0, count: 4 * tokens)
    (losses, self.ofRows) = (numbers, numbers + tokens)
    (ofEnds, ofCrossings) = (numbers + 2 * tokens, numbers + 3 * tokens)
    self.tokens.reserveCapacity(tokens)
  }

  deinit {
    rows.deallocate()
    numbers.deallocate()
  }

  /// Of no token yet.
  func begin() { tokens.removeAll(keepingCapacity: true) }

  /// One token more, earlier than those before.
  func append(_ token: Token) { tokens.append(token) }

  /// What waits of the token that came last.
  func wait(_ pending: Pending) { tokens[tokens.count - 1].pending = pending }

  /// Brings a vector of `count` channels into blocks.
  func keep(_ vector: UnsafePointer<Double>, count: Int, in target: UnsafeMutablePointer<Rows>) {
    let place = UnsafeMutableRawPointer(target + tokens.count * keyBlocks)
      .assumingMemoryBound(to: Double.self)
    place.update(from: vector, count: count)
  }

  /// <x, y> and |x|.|y| of blocks that lie one after the other.
  @inline(__always)
  static func dot(
    _ x: UnsafePointer<Rows>, _ y: UnsafePointer<Rows>, _ blocks: Int
  ) -> (value: Double, magnitude: Double) {
    var (value, magnitude) = (Rows.zero, Rows.zero)
    for n in 0..<blocks {
      let product = x[n] * y[n]
      value += product
      magnitude += product.magnitude
    }
    return (value.sum().magnitude, magnitude.sum())
  }
}
