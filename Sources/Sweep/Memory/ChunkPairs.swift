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

  /// Changed by one sweep alone, on one thread: a check of exclusive access would be made for every token.
  @exclusivity(unchecked)
  private(set) var tokens: [Token] = []
  /// [tokens, blocks of Dk] and [tokens, blocks of Dv]; the lanes past the end are zero.
  let k, q, dy, bh, delta, cotangents, writes: UnsafeMutablePointer<Rows>
  /// The same of a later token of a pair, four tokens side by side: [tokens / 4, channels of a key or rows of the state].
  let fourK, fourQ, fourDy, fourBh, fourCotangents: UnsafeMutablePointer<Rows>
  /// Blocks of four channels of a key, and of four rows of the state.
  let keyBlocks, blocks: Int
  /// |D| at the end of the chunk, row by row.
  let end: UnsafeMutablePointer<Rows>
  /// By pair of one column, and by token: see `Sweep.finishPairs`.
  let losses, ofRows, ofEnds, ofCrossings: UnsafeMutablePointer<Double>
  /// The decay from each token to that of the column.
  let gammas: UnsafeMutablePointer<Double>
  private let rows: UnsafeMutablePointer<Rows>
  private let numbers: UnsafeMutablePointer<Double>

  init(channels: Int, blocks: Int, tokens: Int) {
    (keyBlocks, self.blocks) = ((channels + 3) / 4, blocks)
    // Of the last four some may be no tokens.
    let tokens = (tokens + 3) / 4 * 4
    let (ofKeys, ofRows) = (tokens * keyBlocks, tokens * blocks)
    let count = 4 * ofKeys + 8 * ofRows + blocks
    rows = .allocate(capacity: count)
    rows.initialize(repeating: .zero, count: count)
    var row = rows
    func take(_ count: Int) -> UnsafeMutablePointer<Rows> {
      defer { row += count }
      return row
    }
    (k, q, fourK, fourQ) = (take(ofKeys), take(ofKeys), take(ofKeys), take(ofKeys))
    (dy, bh, delta) = (take(ofRows), take(ofRows), take(ofRows))
    (cotangents, writes, end) = (take(ofRows), take(ofRows), take(blocks))
    (fourDy, fourBh, fourCotangents) = (take(ofRows), take(ofRows), take(ofRows))
    numbers = .allocate(capacity: 5 * tokens)
    numbers.initialize(repeating: 0, count: 5 * tokens)
    (losses, self.ofRows, gammas) = (numbers, numbers + tokens, numbers + 2 * tokens)
    (ofEnds, ofCrossings) = (numbers + 3 * tokens, numbers + 4 * tokens)
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

  /// Puts what the later tokens of pairs hold side by side.
  func layInFours() {
    for (source, target, blocks) in [
      (k, fourK, keyBlocks), (q, fourQ, keyBlocks), (dy, fourDy, blocks), (bh, fourBh, blocks),
      (cotangents, fourCotangents, blocks),
    ] {
      for p in 0..<tokens.count {
        let from = ChunkPairs.elements(source + p * blocks)
        let to = ChunkPairs.elements(target + p / 4 * 4 * blocks) + p % 4
        for c in 0..<blocks * 4 { to[c * 4] = from[c] }
      }
    }
  }

  /// The elements of blocks, one after the other.
  @inline(__always)
  static func elements(_ blocks: UnsafeMutablePointer<Rows>) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(blocks).assumingMemoryBound(to: Double.self)
  }

  /// |<x, y>| and |x|.|y| of four tokens x side by side and one y, in `blocks` blocks: summed as a block of four lanes is.
  @inline(__always)
  static func dots(
    _ x: UnsafePointer<Rows>, _ y: UnsafePointer<Double>, _ blocks: Int
  ) -> (value: Rows, magnitude: Rows) {
    var (v0, v1, v2, v3) = (Rows.zero, Rows.zero, Rows.zero, Rows.zero)
    var (m0, m1, m2, m3) = (Rows.zero, Rows.zero, Rows.zero, Rows.zero)
    for n in 0..<blocks {
      let (x, y) = (x + n * 4, y + n * 4)
      let (p0, p1, p2, p3) = (x[0] * y[0], x[1] * y[1], x[2] * y[2], x[3] * y[3])
      v0 += p0
      v1 += p1
      v2 += p2
      v3 += p3
      m0 += p0.magnitude
      m1 += p1.magnitude
      m2 += p2.magnitude
      m3 += p3.magnitude
    }
    let (value, magnitude): (Rows, Rows) = (v0 + v1 + v2 + v3, m0 + m1 + m2 + m3)
    return (value.magnitude, magnitude)
  }
}
