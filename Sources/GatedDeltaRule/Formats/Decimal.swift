/// Numbers as a recipe writes them: the shortest decimal that reads back as the same double, and no sign of how
/// a library happens to print it (`1e-7`, never `1e-07`; `1e30`, never `1e+30`; `5`, never `5.0`).
package enum Decimal {
  /// The one text of a number.
  package static func text(_ x: Double) -> String {
    guard x.isFinite else { return x.isNaN ? "nan" : x < 0 ? "-inf" : "inf" }
    if x.isWhole { return String(Int(x)) }
    var digits = Substring(x.description)
    var exponent = ""
    if let mark = digits.firstIndex(of: "e") {
      exponent = "e\(Int(digits[digits.index(after: mark)...])!)"
      digits = digits[..<mark]
    }
    if digits.hasSuffix(".0") { digits.removeLast(2) }
    return digits + exponent
  }

  /// The number that a text stands for, or nil. Neither hexadecimal nor NaN is a number here.
  package static func number(_ text: Substring) -> Double? {
    if text == "-inf" { return -.infinity }
    let allowed = text.utf8.allSatisfy { byte in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "e")
    }
    guard allowed, let x = Double(text), x.isFinite else { return nil }
    return x == 0 ? 0 : x
  }

  /// A whole number without a sign, or nil.
  package static func integer<Number: FixedWidthInteger>(_ text: Substring) -> Number? {
    let digits = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return digits ? Number(text) : nil
  }

  /// x with at most so many significant digits.
  package static func rounded(_ x: Double, digits: Int) -> Double {
    guard x.isFinite, x != 0 else { return x }
    let least = power(of: digits - 1)
    var (integer, exponent) = (x.magnitude, 0)
    while integer < least { (integer, exponent) = (integer * 10, exponent - 1) }
    while integer >= least * 10 { (integer, exponent) = (integer / 10, exponent + 1) }
    return Double("\(x < 0 ? "-" : "")\(Int(integer + 0.5))e\(exponent)")!
  }

  private static func power(of exponent: Int) -> Double {
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }
}

extension Double {
  /// Whether this is a whole number that an integer holds exactly, as do all below it.
  package var isWhole: Bool { magnitude < 0x1p53 && Double(Int(self)) == self }
}
