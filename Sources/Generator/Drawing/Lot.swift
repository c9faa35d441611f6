import GatedDeltaRule

/// Random choices, one after the other, for one case.
struct Lot {
  private let root: Address
  private var count = 0

  init(seed: UInt64, index: UInt64) {
    root = Address(seed: seed, name: "case").at(Int(truncatingIfNeeded: index))
  }

  private mutating func next() -> Address {
    defer { count += 1 }
    return root.at(count)
  }

  /// Uniform in [0, 1).
  mutating func uniform() -> Double { next().uniform }

  /// True with this probability.
  mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

  /// A whole number of this range.
  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next().bits % UInt64(range.count))
  }

  /// One of these, all alike.
  mutating func one<Value>(of values: [Value]) -> Value { values[integer(0...values.count - 1)] }

  /// One of these, by weight.
  mutating func one<Value>(weighing choices: KeyValuePairs<Value, Int>) -> Value {
    choices[index(among: choices.count) { choices[$0].value }].key
  }

  /// One of so many, by weight.
  mutating func index(among count: Int, weight: (Int) -> Int) -> Int {
    var left = integer(1...(0..<count).reduce(0) { $0 + weight($1) })
    for index in 0..<count {
      left -= weight(index)
      if left <= 0 { return index }
    }
    preconditionFailure("weights change while they are added")
  }

  /// Uniform in this range, in steps of a hundredth, so that it is short to write.
  mutating func hundredth(_ low: Int, _ high: Int) -> Double {
    Double(integer(low * 100...high * 100)) / 100
  }

  /// 10^x with x uniform in this range, to three digits.
  mutating func powerOfTen(_ low: Int, _ high: Int) -> Double {
    Decimal.rounded(Elementary.exp(hundredth(low, high) * 2.302_585_092_994_045_7), digits: 3)
  }
}
