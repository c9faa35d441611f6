/// A sum of multiples of rows, in units of 2^-24: `Terms` for every element of a row at once.
struct RowSum {
  private(set) var sums: [Int]
  private var magnitudes: [Int]
  private var bits = 0
  private let width: Int

  init(width: Int) {
    self.width = width
    sums = [Int](repeating: 0, count: width)
    magnitudes = sums
  }

  /// Nothing again.
  mutating func reset() {
    for i in 0..<width { (sums[i], magnitudes[i]) = (0, 0) }
    bits = 0
  }

  /// Adds so many times a row.
  @inline(__always)
  mutating func add(_ factor: Int, _ rows: [Int32], at first: Int) {
    guard factor != 0 else { return }
    precondition(first >= 0 && first + width <= rows.count)
    let width = width
    var all = bits
    sums.withUnsafeMutableBufferPointer { sums in
      magnitudes.withUnsafeMutableBufferPointer { magnitudes in
        rows.withUnsafeBufferPointer { rows in
          for i in 0..<width {
            let term = factor * Int(rows[first + i])
            sums[i] += term
            magnitudes[i] += abs(term)
            all |= term
          }
        }
      }
    }
    bits = all
  }

  /// The sum as a row of values of so many bits.
  func settle(
    into rows: inout [Int32], at first: Int, bits most: Int, _ ledger: inout ExactnessLedger,
    _ name: StaticString
  ) {
    check(&ledger, name)
    precondition(first >= 0 && first + width <= rows.count)
    let width = width
    sums.withUnsafeBufferPointer { sums in
      rows.withUnsafeMutableBufferPointer { rows in
        for i in 0..<width {
          let value = sums[i] >> Grid.bits
          ledger.fits(value, bits: most, name)
          rows[first + i] = Int32(truncatingIfNeeded: value)
        }
      }
    }
  }

  /// The same of what a doubling solve has come to between two powers.
  func settlePartial(into rows: inout [Int32], at first: Int, bits most: Int, _ ledger: inout ExactnessLedger)
  {
    let wasClear = ledger.isClear
    settle(into: &rows, at: first, bits: most, &ledger, "a partial product of doubling")
    if wasClear, !ledger.isClear { ledger.blamePowers() }
  }

  /// That it can be added in any order.
  func check(_ ledger: inout ExactnessLedger, _ name: StaticString) {
    if bits & Grid.lost != 0 { ledger.fail(name) }
    for i in 0..<width { ledger.sum(magnitudes[i] >> Grid.bits, name) }
  }
}
