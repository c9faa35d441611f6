import GatedDeltaRule

/// Which operand of a product is transposed.
enum ProductKind {
  case plain  // A B
  case second  // A B^T
  case first  // A^T B
}

/// What is done on a tape, with its operands first and its result last.
enum Operation {
  case round(Block, ProductFormat, Block)
  case product(ProductKind, Block, Block, ProductFormat, Block)
  /// A + sign B.
  case sum(Block, Block, negative: Bool, Block)
  case multiply(Block, Block, Block)
  /// Row i by entry i of a vector, or all of them by its only one.
  case scale(Block, Block, Block)
  case exponential(Block, Block)
  /// From the first row down, or along the only row.
  case accumulate(Block, alongRow: Bool, Block)
  /// A - a or a - A, where a is row `index` of A, or its entry if A is a vector.
  case relative(Block, index: Int, alongRow: Bool, negative: Bool, Block)
  /// exp(G_i - G_j) for j <= i, of a vector G.
  case decay(Block, Block)
  /// -b_i X_ij for j < i.
  case erasure(Block, Block, Block)
  /// sum_c X_ic Y_jc exp(G_ic - G_jc) for j <= i.
  case pairs(Block, Block, Block, Block)
  /// (I - A)^-1, differentiated.
  case inverse(Block, ProductFormat, Block)
  /// T R, whose gradient is that of the solution of (I - A) X = R.
  case solution(inverse: Block, system: Block, Block, ProductFormat, Block)
  /// (I - A) X = R row by row.
  case substitution(Block, Block, ProductFormat, Block)

  var result: Block {
    switch self {
    case .round(_, _, let out), .product(_, _, _, _, let out), .sum(_, _, _, let out),
      .multiply(_, _, let out),
      .scale(_, _, let out), .exponential(_, let out), .accumulate(_, _, let out),
      .relative(_, _, _, _, let out), .decay(_, let out), .erasure(_, _, let out), .pairs(_, _, _, let out),
      .inverse(_, _, let out), .solution(_, _, _, _, let out), .substitution(_, _, _, let out):
      out
    }
  }
}
