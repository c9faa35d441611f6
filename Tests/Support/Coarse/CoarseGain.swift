import GatedDeltaRule

/// A fault for `CoarseKernel`: a result is so much too large, everywhere or in a part of it, before it is stored.
package struct CoarseGain: Hashable, Sendable {
  /// Where.
  package enum Place: Hashable, Sendable {
    case everywhere
    /// In one head.
    case head(Int)
    /// In the tokens with this number mod 16.
    case tokens(Int)
  }

  package let quantity: Quantity
  package let gain: Double
  package let place: Place

  package init(_ quantity: Quantity, _ gain: Double, in place: Place = .everywhere) {
    (self.quantity, self.gain, self.place) = (quantity, gain, place)
  }

  /// What an element of a head, and of a token where it has one, is multiplied by.
  func factor(_ quantity: Quantity, head: Int, token: Int? = nil) -> Double {
    guard quantity == self.quantity else { return 1 }
    switch place {
    case .everywhere: return 1 + gain
    case .head(let one): return head == one ? 1 + gain : 1
    case .tokens(let one): return token.map { $0 % 16 == one } ?? false ? 1 + gain : 1
    }
  }
}
