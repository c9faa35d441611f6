/// How a chunked form is put together, as far as its declaration says: on that the size of honest rounding errors
/// depends. What is nil is not said.
public struct Arrangement: Hashable, Sendable {
  /// The right-hand side of the triangular system.
  public enum WY: String, Hashable, Sendable, CaseIterable {
    /// One: beta (v - K S).
    case joined
    /// Two: U of beta v and W of beta k, and then U - W S.
    case split
  }

  /// The format of K S before it is subtracted from v, or of W S from U.
  public enum Residual: String, Hashable, Sendable, CaseIterable {
    /// What the products are summed in.
    case fp32
    /// That of the operands of products: where the state predicts v, a write vanishes.
    case products
  }

  /// Where the decay between two tokens of a chunk enters.
  public enum Exponents: String, Hashable, Sendable, CaseIterable {
    /// The products of q and k are multiplied by it.
    case gram
    /// q and k are multiplied by a factor each, relative to a token of their sub-block, and then by each other.
    case factored
  }

  /// How the triangular system is solved.
  public enum System: String, Hashable, Sendable, CaseIterable {
    /// Its inverse is formed and differentiated: dA = T^T dT T^T.
    case inverse
    /// Its inverse is formed, and the gradient is that of the solution: dA = (T^T dU) U^T.
    case solution
    /// Row by row, without an inverse.
    case substitution
  }

  /// How an inverse is formed.
  public enum Inverse: String, Hashable, Sendable, CaseIterable {
    /// Row by row, or block by block.
    case rows
    /// In sub-blocks of 16 by products of powers of A, which cancel where keys are equal and nothing decays.
    case powers
  }

  /// How the gradient by the logarithm of the decay is put together.
  public enum DecayGradient: String, Hashable, Sendable, CaseIterable {
    /// From what crosses a token: a sum over the pairs of tokens on its two sides.
    case crossings
    /// As the sum from the end of <q, dq> - <k, dk>, of which most cancels.
    case cumsum
  }

  /// Products of a chunk, by what is multiplied.
  public struct Products: OptionSet, Hashable, Sendable {
    /// A bit for each.
    public let rawValue: Int

    /// From bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// q and k with k.
    public static let gram = Products(rawValue: 1)
    /// The inverse with the right-hand sides, and k or W with the state.
    public static let wy = Products(rawValue: 2)
    /// q with the state, and the scores with U.
    public static let output = Products(rawValue: 4)
    /// k with U, which the state takes up.
    public static let state = Products(rawValue: 8)
    /// Every product.
    public static let all: Products = [.gram, .wy, .output, .state]

    /// By their names.
    public static let names: [(name: String, products: Products)] = [
      ("gram", .gram), ("wy", .wy), ("output", .output), ("state", .state),
    ]
  }

  /// The right-hand side.
  public var wy: WY?
  /// Whether the residual is rounded early.
  public var residual: Residual?
  /// The format that the operands of the solve are rounded to.
  public var solve: ProductFormat?
  /// Where decay enters.
  public var exponents: Exponents?
  /// The way of solving.
  public var system: System?
  /// The way to the inverse.
  public var inverse: Inverse?
  /// The way of the decay's gradient.
  public var dg: DecayGradient?
  /// Which products have operands in the declared format, on their way back as well; the others have fp32.
  public var products: Products?

  /// Nothing said.
  public init() {}
}
