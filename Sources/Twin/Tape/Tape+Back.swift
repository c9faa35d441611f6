extension Tape {
  /// What an operation's operands owe to the cotangent of its result, which has all of its terms.
  func differentiate(_ operation: Operation) {
    switch operation {
    case .round(let a, let format, let out): differentiateRound(a, format, out)
    case .product(let kind, let a, let b, let format, let out): differentiateProduct(kind, a, b, format, out)
    case .sum(let a, let b, let negative, let out): differentiateSum(a, b, negative: negative, out)
    case .multiply(let a, let b, let out): differentiateMultiply(a, b, out)
    case .scale(let vector, let a, let out): differentiateScale(vector, a, out)
    case .exponential(let a, let out): differentiateExponential(a, out)
    case .accumulate(let a, let alongRow, let out): differentiateAccumulate(a, alongRow: alongRow, out)
    case .relative(let a, let index, let alongRow, let negative, let out):
      differentiateRelative(a, index: index, alongRow: alongRow, negative: negative, out)
    case .decay(let G, let out): differentiateDecay(G, out)
    case .erasure(let b, let x, let out): differentiateErasure(b, x, out)
    case .pairs(let x, let y, let G, let out): differentiatePairs(x, y, G, out)
    case .inverse(let A, let format, let out): differentiateInverse(A, format, out)
    case .solution(let T, let A, let R, let format, let out): differentiateSolution(T, A, R, format, out)
    case .substitution(let A, let R, let format, let out): differentiateSubstitution(A, R, format, out)
    }
  }
}
