/// What one group of tokens of one head begins with, on the tape: each a matrix of all its tokens.
struct Leaves {
  let q: Block
  /// k in its three roles: written, in scores and in the state; met by later tokens of the chunk; read by its own.
  let written: Block, met: Block, read: Block
  let v: Block
  /// log g: a row, or a row for each token; 0 where the factor is applied by itself.
  let logarithm: Block
  /// g, for the factors that are.
  let factor: Block
  let beta: Block
  let state: Block

  /// Those of some tokens.
  func tokens(_ range: Range<Int>, perChannel: Bool) -> Leaves {
    func part(_ vector: Block) -> Block { vector.columnsByThemselves(range) }
    return Leaves(
      q: q.rows(range), written: written.rows(range), met: met.rows(range), read: read.rows(range),
      v: v.rows(range), logarithm: perChannel ? logarithm.rows(range) : part(logarithm),
      factor: perChannel ? factor.rows(range) : part(factor), beta: part(beta), state: state)
  }
}

extension Block {
  /// Some entries of a vector, wherever they begin: for operations that look at no padding.
  func columnsByThemselves(_ range: Range<Int>) -> Block {
    Block(offset: offset + range.lowerBound, rows: 1, columns: range.count, stride: stride)
  }
}
