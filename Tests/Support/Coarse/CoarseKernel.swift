import GatedDeltaRule

/// An honest kernel of tensor cores: UT/WY, operands of products in a coarse format, results stored in it, shares of
/// heads added in it. Each combination of its switches is a way in which some package kernel goes.
package struct CoarseKernel: Implementation {
  /// How (I - A)^-1 is found.
  package enum Inversion: String, CaseIterable, Sendable { case substitution, blocks, doubling }

  package let products: ProductFormat
  package let length: Int
  package let inversion: Inversion
  /// U = U_v - W S, or all at once.
  package let splitsRightHandSide: Bool
  /// Whether the gradient goes through the explicit inverse.
  package let differentiatesInverse: Bool
  /// What is wrong with it; nil for an honest one.
  package var fault: CoarseGain?

  package init(
    _ products: ProductFormat, length: Int = 64, inversion: Inversion = .substitution,
    splitsRightHandSide: Bool = true, differentiatesInverse: Bool = false
  ) {
    (self.products, self.length, self.inversion) = (products, length, inversion)
    self.splitsRightHandSide = splitsRightHandSide
    self.differentiatesInverse = differentiatesInverse
  }

  /// Every combination in three formats.
  package static var all: [CoarseKernel] {
    var all: [CoarseKernel] = []
    for products in [ProductFormat.bf16, .fp16, .tf32] {
      for (index, inversion) in Inversion.allCases.enumerated() {
        for isSplit in [true, false] {
          for isDifferentiated in [true, false] {
            all.append(
              CoarseKernel(
                products, length: index == 1 ? 16 : 64, inversion: inversion, splitsRightHandSide: isSplit,
                differentiatesInverse: isDifferentiated))
          }
        }
      }
    }
    return all
  }

  /// The same with a fault.
  package func with(_ fault: CoarseGain) -> CoarseKernel {
    var faulty = self
    faulty.fault = fault
    return faulty
  }

  package var name: String {
    "\(products.rawValue)-\(length)-\(inversion.rawValue)-\(splitsRightHandSide ? "split" : "whole")"
      + (differentiatesInverse ? "-inverse" : "")
  }

  package var declaration: Declaration {
    var declaration = Declaration(
      form: .chunked(length: length), headPrecision: products.stored, offersDouble: false)
    declaration.products = products
    return declaration
  }

  package func refusal(of problem: Problem) -> String? {
    problem.level == .core && problem.shape.decayKind == .scalar ? nil : "core level, one decay a head"
  }

  /// In sub-blocks of 16 rows where it doubles, rows below a block by substitution.
  func inverse(of A: CoarseMatrix) -> CoarseMatrix {
    let L = A.rows
    switch inversion {
    case .substitution: return substitute(A, from: 0, to: L)
    case .blocks: return invert(A, from: 0, to: L)
    case .doubling:
      var T = CoarseMatrix(L, L) { $0 == $1 ? 1 : 0 }
      for lo in stride(from: 0, to: L, by: 16) {
        let n = min(16, L - lo)
        let above = CoarseMatrix(n, L) { i, j in j < lo ? A[lo + i, j] : 0 }.times(T, in: products)
        var x = CoarseMatrix(n, L) { i, j in T[lo + i, j] + above[i, j] }
        var P = CoarseMatrix(n, n) { A[lo + $0, lo + $1] }
        var reach = 1
        while reach < n {
          x = x + P.times(x, in: products)
          P = P.times(P, in: products)
          reach *= 2
        }
        for i in 0..<n { for j in 0..<L { T[lo + i, j] = x[i, j] } }
      }
      return T
    }
  }

  private func substitute(_ A: CoarseMatrix, from lo: Int, to hi: Int) -> CoarseMatrix {
    var T = CoarseMatrix(hi - lo, hi - lo) { $0 == $1 ? 1 : 0 }
    for i in 0..<hi - lo {
      for j in 0..<i { for c in 0...j { T[i, c] += A[lo + i, lo + j] * T[j, c] } }
    }
    return T
  }

  /// [T1 0; T2 A21 T1, T2].
  private func invert(_ A: CoarseMatrix, from lo: Int, to hi: Int) -> CoarseMatrix {
    guard hi - lo > 4 else { return substitute(A, from: lo, to: hi) }
    let middle = (lo + hi) / 2
    let (first, second) = (invert(A, from: lo, to: middle), invert(A, from: middle, to: hi))
    let below = CoarseMatrix(hi - middle, middle - lo) { A[middle + $0, lo + $1] }
    let corner = second.times(below, in: products).times(first, in: products)
    let n = middle - lo
    return CoarseMatrix(hi - lo, hi - lo) { i, j in
      i < n ? (j < n ? first[i, j] : 0) : (j < n ? corner[i - n, j] : second[i - n, j - n])
    }
  }
}
