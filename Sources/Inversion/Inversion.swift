//  (I - A) X = R with A strictly lower triangular, in every way that kernels do it, in blocks of n rows:
//
//    for each block I of rows:  X_I = (I - A_II)^-1 (R_I + A_(I,<I) X_(<I))
//
//  Merges make one inverse of the whole chunk instead, from inverses of its blocks. What is done inside a block stands
//  at the head of the method's file.
//
//  A product of matrices has its operands rounded to a format, and its sums in fp32, from the addend on. What is done
//  row by row is no product: kernels do that on vector units, in fp32.

import GatedDeltaRule

/// One way to solve the triangular system of a chunk.
package struct Inversion: Hashable, Sendable {
  /// What is done inside a block, in the order of its stability.
  package enum Method: String, Hashable, Sendable, CaseIterable {
    /// Row by row, on the right-hand sides.
    case substitution
    /// The inverse row by row, then applied.
    case inverseByRows
    /// The inverse as a product of matrices of one column each (MCS in arXiv 2605.21325).
    case columnSweep
    /// X := R + A X, once less than there are rows.
    case fixedPoint
    /// T := I + A T likewise, then applied: MLX core's kernel for neural accelerators, in chunks of 16.
    case inverseByFixedPoint
    /// The inverse by 2x2 blocks down to single rows (mlx-lm#1870; MBH in arXiv 2605.21325).
    case recursive
    /// Inverses of blocks by rows, merged by 2x2 blocks up to the chunk (fla).
    case mergedRows
    /// The same over inverses by fixed point: products alone.
    case mergedFixedPoint
    /// The same over inverses by doubling (MXR in arXiv 2605.21325).
    case mergedDoubling
    /// X := X (2I - L X).
    case newtonSchulz
    /// X := X + X E, E := E E (maxtext#4577; MCH in arXiv 2605.21325).
    case logDepth
    /// N := N + P N, P := P P, then applied.
    case inverseByDoubling
    /// x := x + P x, P := P P, on the right-hand sides (mlx-lm#1389).
    case doubling
    /// The first terms of the series.
    case neumann
  }

  /// What is done inside a block.
  package var method: Method
  /// Rows of a block.
  package var subBlock: Int
  /// What the operands of products are rounded to.
  package var products: ProductFormat

  /// - Precondition: `subBlock` is at least 1.
  package init(_ method: Method, subBlock: Int, products: ProductFormat = .fp32) {
    precondition(subBlock >= 1, "a block of \(subBlock) rows")
    (self.method, self.subBlock, self.products) = (method, subBlock, products)
  }

  /// Terms of a Neumann series that is cut off.
  package static let terms = 8
}

extension Inversion.Method {
  /// For people.
  package var text: String {
    switch self {
    case .substitution: "substitution"
    case .inverseByRows: "inverse by rows"
    case .columnSweep: "column sweep"
    case .fixedPoint: "fixed point"
    case .inverseByFixedPoint: "inverse by fixed point"
    case .recursive: "recursive 2x2"
    case .mergedRows: "merges over rows"
    case .mergedFixedPoint: "merges over fixed point"
    case .mergedDoubling: "merges over doubling"
    case .newtonSchulz: "Newton-Schulz"
    case .logDepth: "log-depth Newton"
    case .inverseByDoubling: "inverse by doubling"
    case .doubling: "doubling"
    case .neumann: "Neumann, \(Inversion.terms) terms"
    }
  }
}
