//  The triangular system of the UT transform, (I - A) X = R with A strictly lower triangular, in blocks of n rows:
//
//    for each block I of rows:  X_I = (I - A_II)^-1 (R_I + A_(I,<I) X_(<I))
//
//  Only what is done inside a block differs:
//    substitution        x_i = r_i + sum_(j<i) A_ij x_j
//    doubling            x = r, P = A_II;  repeat ceil(log2 n) times  x += P x,  P = P P
//    inverseByDoubling   N = I, P = A_II;  likewise  N += P N,  P = P P;  x = N r
//    fixedPoint          N = I + A_II;  n - 1 times  N := I + A_II N;  x = N r
//    recursiveInverse    N = [N_1 0; N_2 A_21 N_1  N_2], halved down to single rows;  x = N r
//    mergedInverse       the same over the whole chunk, halved down to blocks of n rows, which substitution inverts
//
//  Doubling is exact in exact arithmetic because A_II is nilpotent, but its terms are alternating binomials: for
//  equal keys and beta near 1 they reach 3e3 in a block of 16 rows and 1.5e8 in one of 32, and cancel to about 1.
//  The fixed point passes through sums of the same terms, but forgets them: a row of N is formed of A and of the rows
//  before it alone, and is what it stays once those are. The last rounds are substitution, made of products.
//
//  The adjoint is the same with the transpose, from the last block to the first.

/// How the triangular system is solved.
package struct Solve: Hashable, Sendable {
  /// What is done inside a block.
  package enum Method: String, Hashable, Sendable, CaseIterable {
    /// Row by row.
    case substitution
    /// A nilpotent Neumann product by doubling, applied to the right-hand side, as upstream (pull request 1389).
    case doubling
    /// The same product formed first, then applied.
    case inverseByDoubling
    /// The inverse as the fixed point of N = I + A N, then applied, as MLX core on neural accelerators.
    case fixedPoint
    /// The inverse by 2x2 blocks down to single rows, then applied (pull request 1870).
    case recursiveInverse
    /// Inverses of blocks by substitution, merged by 2x2 blocks up to the whole chunk, then applied.
    case mergedInverse
  }

  /// What is done inside a block.
  package var method: Method
  /// Rows of a block.
  package var subBlock: Int

  /// - Precondition: `subBlock` is at least 1.
  package init(_ method: Method, subBlock: Int = Solve.defaultSubBlock) {
    precondition(subBlock >= 1, "a block of \(subBlock) rows")
    (self.method, self.subBlock) = (method, subBlock)
  }

  /// Upstream's. At 32 the terms of doubling outgrow fp32; `gdr guard` watches over this number.
  package static let defaultSubBlock = 16

  /// Rows that are solved at once, in a chunk of `size` rows.
  func block(size: Int) -> Int { method == .mergedInverse ? size : subBlock }
}
