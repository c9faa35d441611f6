/// A text to learn from, made of a few words by rules: who does what to whom, and later who did.
package struct Text: Sendable {
  /// Every byte as its place among the bytes that occur.
  package let tokens: [Int]
  /// How many different bytes occur.
  package let vocabulary: Int

  /// The same text for the same seed.
  package init(sentences: Int, seed: UInt64) {
    var random = Random(seed: seed)
    let animals = ["fox", "owl", "cat", "hen", "bee"]
    let deeds = ["sees", "calls", "finds"]
    var text = ""
    for _ in 0..<sentences {
      let (who, whom) = (random.pick(animals), random.pick(animals))
      let deed = random.pick(deeds)
      text += "the \(who) \(deed) the \(whom). who \(deed)? the \(who). "
    }
    let bytes = Array(text.utf8)
    let alphabet = Set(bytes).sorted()
    let places = Dictionary(uniqueKeysWithValues: alphabet.enumerated().map { ($1, $0) })
    tokens = bytes.compactMap { places[$0] }
    vocabulary = alphabet.count
  }
}

/// Numbers from a seed, the same on every machine.
struct Random {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x2545_F491_4F6C_DD1D }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[index(below: list.count)] }

  mutating func index(below count: Int) -> Int { Int(next() % UInt64(count)) }

  /// About N(0, 1): twelve uniform numbers.
  mutating func normal() -> Float {
    Float((0..<12).reduce(-6.0) { sum, _ in sum + Double(next() >> 11) * 0x1p-53 })
  }
}
