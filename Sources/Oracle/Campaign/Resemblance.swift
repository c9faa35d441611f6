import GatedDeltaRule

/// How often two implementations answered the same bits.
package struct Resemblance: Hashable, Sendable, Codable {
  /// The two.
  package let one, other: String
  /// Cases that both answered with something else than zeros.
  package private(set) var compared = 0
  /// Cases in which the answers were the same.
  package private(set) var same = 0

  init(_ one: String, _ other: String) { (self.one, self.other) = (one, other) }

  mutating func add(_ one: UInt64, _ other: UInt64) {
    compared += 1
    if one == other { same += 1 }
  }

  /// Adds what another shard counted.
  mutating func add(_ more: Resemblance) {
    compared += more.compared
    same += more.same
  }

  /// Every pair of which neither is a control and that is of no common kin.
  static func pairs(_ implementations: [any Implementation]) -> [Resemblance] {
    implementations.indices.flatMap { i in
      implementations[(i + 1)...].compactMap { other in
        let (mine, theirs) = (implementations[i].declaration, other.declaration)
        let isKin = mine.kin != nil && mine.kin == theirs.kin
        return isKin || mine.isControl || theirs.isControl
          ? nil : Resemblance(implementations[i].name, other.name)
      }
    }
  }
}

extension Evaluation {
  /// A number for the first elements of what tells implementations apart; nil if all of them are zero. FNV-1a as in
  /// `Checksum`, but by words: this is asked of every answer of a run.
  var fingerprint: UInt64? {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var isZero = true
    for quantity in [Quantity.y, .dk, .dv, .stateOut] {
      for value in results[quantity]?.values.prefix(64) ?? [] {
        isZero = isZero && value == 0
        hash = (hash ^ value.bitPattern) &* 0x100_0000_01b3
      }
    }
    return isZero ? nil : hash
  }
}
