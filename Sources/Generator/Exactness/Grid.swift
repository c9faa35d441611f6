/// The numbers of a proof: whole multiples of 2^-12, below 2^10 in magnitude.
///
/// Whatever is added up stays below 2^12 even if all its terms had one sign, so it is a whole number of less than 24
/// bits in these units, and fp32 adds it without an error in any order. 2^-12 is a normal number of every format.
enum Grid {
  /// Of the fraction.
  static let bits = 12
  /// The number 1.
  static let one = 1 << bits
  /// What the magnitudes of the terms of a sum must stay below together.
  static let sums = 1 << 24
  /// What a single value must stay below, so that a few of them can be added.
  static let values = 1 << 22
  /// The bits of a product of two values that a value has no room for.
  static let lost = one - 1

  /// A number on the grid; nil if it is none.
  @inline(__always)
  static func value(_ x: Double) -> Int32? {
    let scaled = x * Double(one)
    guard scaled.magnitude < Double(values) else { return nil }
    let value = Int32(scaled)
    return Double(value) == scaled ? value : nil
  }

  /// From the first to the last bit that is set.
  @inline(__always)
  static func significantBits(_ x: Int) -> Int {
    x == 0 ? 0 : Int.bitWidth - x.magnitude.leadingZeroBitCount - x.trailingZeroBitCount
  }
}

/// A sum of products, in units of 2^-24, and what must be known of its terms.
struct Terms {
  var sum = 0
  /// The sum of the magnitudes.
  var magnitude = 0
  /// Bits that are set in any of them.
  var bits = 0

  init() {}

  /// Of n products of neighbours.
  @inline(__always)
  init(_ a: [Int32], _ i: Int, _ b: [Int32], _ j: Int, count n: Int) {
    precondition(i >= 0 && j >= 0 && i + n <= a.count && j + n <= b.count)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        for c in 0..<n { add(Int(a[i + c]) * Int(b[j + c])) }
      }
    }
  }

  /// One more.
  @inline(__always)
  mutating func add(_ product: Int) {
    sum += product
    magnitude += abs(product)
    bits |= product
  }
}

extension [Int32] {
  /// Whether any of so many is not zero.
  @inline(__always)
  func isSet(_ first: Int, count: Int) -> Bool {
    var bits: Int32 = 0
    for i in first..<first + count { bits |= self[i] }
    return bits != 0
  }
}
