/// What a proof has come across that is not exact.
struct ExactnessLedger {
  let arithmetic: ExactArithmetic
  /// The first of it.
  private(set) var obstacle: String?

  init(_ arithmetic: ExactArithmetic) { self.arithmetic = arithmetic }

  /// Whether it is in the powers of the system: too many tokens write along one channel.
  private(set) var isOfPowers = false

  var isClear: Bool { obstacle == nil }

  /// Something that is multiplied in a chunk, or goes from one product to the next.
  @inline(__always)
  mutating func operand(_ x: Int, _ name: StaticString) {
    if Grid.significantBits(x) > arithmetic.operandBits { fail(name, bits: arithmetic.operandBits) }
  }

  /// What a token answers.
  @inline(__always)
  mutating func stored(_ x: Int, _ name: StaticString) {
    if Grid.significantBits(x) > arithmetic.storedBits { fail(name, bits: arithmetic.storedBits) }
  }

  /// Something of so many bits.
  @inline(__always)
  mutating func fits(_ x: Int, bits: Int, _ name: StaticString) {
    if Grid.significantBits(x) > bits { fail(name, bits: bits) }
  }

  /// A sum by the magnitudes of its terms.
  @inline(__always)
  mutating func sum(_ magnitude: Int, _ name: StaticString) {
    if magnitude >= Grid.sums { fail(name, bits: 24) }
  }

  /// A value by its magnitude.
  @inline(__always)
  mutating func value(_ x: Int, _ name: StaticString) {
    if abs(x) >= Grid.values { fail(name, bits: 22) }
  }

  /// The value of a sum of products.
  @inline(__always)
  mutating func sum(_ terms: Terms, _ name: StaticString) -> Int {
    if terms.bits & Grid.lost != 0 { fail(name) }
    sum(terms.magnitude >> Grid.bits, name)
    return terms.sum >> Grid.bits
  }

  /// A value halved so many times.
  @inline(__always)
  mutating func halved(_ x: Int, _ times: Int, _ name: StaticString) -> Int {
    if x & ((1 << times) - 1) != 0 { fail(name) }
    return x >> times
  }

  /// A value times beta, which is given in halves.
  @inline(__always)
  mutating func written(_ x: Int, beta halves: Int, _ name: StaticString) -> Int {
    halves == 2 ? x : halves == 0 ? 0 : halved(x, 1, name)
  }

  /// An element of a power of the system.
  mutating func power(_ terms: Terms, bits: Int) -> Int {
    let wasClear = isClear
    let power = sum(terms, "a power of the system")
    fits(power, bits: bits, "a power of the system")
    if wasClear, !isClear { blamePowers() }
    return power
  }

  mutating func blamePowers() { isOfPowers = true }

  @inline(never)
  mutating func fail(_ name: StaticString, bits: Int) {
    obstacle = obstacle ?? "\(name) takes more than \(bits) bits"
  }

  @inline(never)
  mutating func fail(_ name: StaticString) {
    obstacle = obstacle ?? "\(name) is no multiple of 2^-\(Grid.bits)"
  }

  @inline(never)
  mutating func refuse(_ reason: String) { obstacle = obstacle ?? reason }
}
