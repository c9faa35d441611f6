/// What dq or dk of every token and key head is added up from: the shares of the value heads of a group.
struct Shares {
  private var magnitudes: [Int32]
  private var bits: [Int32]

  init(count: Int) {
    magnitudes = [Int32](repeating: 0, count: count)
    bits = magnitudes
  }

  /// One more share of the element at this place.
  @inline(__always)
  mutating func add(_ share: Int, at place: Int) {
    guard share != 0 else { return }
    magnitudes[place] &+= Int32(truncatingIfNeeded: min(abs(share), Grid.sums))
    bits[place] |= Int32(truncatingIfNeeded: share)
  }

  /// Whether the shares can be added in so many bits, in any order: in units of the last bit of any of them, the sum of
  /// the magnitudes has no more.
  func check(_ ledger: inout ExactnessLedger, _ name: StaticString) {
    let most = 1 << min(ledger.arithmetic.headBits, ledger.arithmetic.storedBits)
    for place in bits.indices where bits[place] != 0 {
      if Int(magnitudes[place]) >> bits[place].trailingZeroBitCount > most {
        return ledger.fail(name, bits: min(ledger.arithmetic.headBits, ledger.arithmetic.storedBits))
      }
    }
  }
}
