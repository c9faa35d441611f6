import GatedDeltaRule

/// What a proof of exactness is for: where an implementation may round, and to how many bits.
package struct ExactArithmetic: Hashable, Sendable {
  /// Tokens of a chunk; nil for one token after the other.
  package var chunk: Int?
  /// Significant bits of what is multiplied in a chunk, and of what goes from one product to the next.
  package var operandBits: Int
  /// Significant bits of what a token answers.
  package var storedBits: Int
  /// Significant bits of each value head's share of dq and dk, and of their sum.
  package var headBits: Int

  /// Chunks of 64 and eight bits everywhere: what holds here holds for every declared format, one token after the
  /// other too.
  package static let strictest = ExactArithmetic(chunk: 64, bits: 8)

  package init(chunk: Int?, bits: Int) {
    self.chunk = chunk
    (operandBits, storedBits, headBits) = (bits, bits, bits)
  }

  /// What an implementation that declares this may round, on inputs of this format.
  package init(_ declaration: Declaration, inputs: Precision) {
    if case .chunked(let length) = declaration.form { chunk = max(length, 1) } else { chunk = nil }
    operandBits = declaration.products.significantBits
    storedBits = inputs.significantBits
    headBits = declaration.headPrecision.significantBits
  }

  /// Whether a proof for this one is one for the other too. Every proof follows the recurrence as well, so that one
  /// for chunks holds for tokens.
  package func covers(_ other: ExactArithmetic) -> Bool {
    (other.chunk == nil || other.chunk == chunk) && operandBits <= other.operandBits
      && storedBits <= other.storedBits && headBits <= other.headBits
  }
}

extension Precision {
  /// Of the significand, the hidden one included.
  fileprivate var significantBits: Int {
    switch self {
    case .fp64: 53
    case .fp32: 24
    case .fp16: 11
    case .bf16: 8
    }
  }
}

extension ProductFormat {
  /// Of the significand, the hidden one included.
  fileprivate var significantBits: Int {
    switch self {
    case .fp32: 24
    case .tf32, .fp16: 11
    case .bf16: 8
    }
  }
}
