/// Reads the few forms of JSON that a header is made of: objects of known depth, strings, arrays of sizes.
///
/// Nothing here recurses, so no nesting can exhaust the stack; a form that a header does not have is an error
/// at its first byte.
struct HeaderScanner {
  private let bytes: [UInt8]
  private(set) var offset = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The next byte that is not white space, not consumed; nil at the end.
  mutating func peek() -> UInt8? {
    while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
    return offset < bytes.count ? bytes[offset] : nil
  }

  mutating func take(_ byte: Character) throws(MalformedFrame) {
    guard peek() == byte.asciiValue else { throw .syntax(offset: offset, expected: "'\(byte)'") }
    offset += 1
  }

  mutating func takeEnd() throws(MalformedFrame) {
    guard peek() == nil else { throw .syntax(offset: offset, expected: "the end of the header") }
  }

  /// `{ "key": member, ... }`. `member` consumes the value.
  mutating func object(
    _ member: (inout HeaderScanner, String) throws(MalformedFrame) -> Void
  ) throws(MalformedFrame) {
    try take("{")
    if peek() == UInt8(ascii: "}") { return offset += 1 }
    while true {
      let key = try string()
      try take(":")
      try member(&self, key)
      guard peek() == UInt8(ascii: ",") else { break }
      offset += 1
    }
    try take("}")
  }

  /// `[ 1, 2, ... ]`: sizes, at most `limit` of them.
  mutating func sizes(of tensor: String, limit: Int) throws(MalformedFrame) -> [Int] {
    var list: [Int] = []
    try take("[")
    if peek() == UInt8(ascii: "]") {
      offset += 1
      return list
    }
    while true {
      list.append(try size(of: tensor))
      guard list.count <= limit else { throw .rank(tensor: tensor, rank: list.count, limit: limit) }
      guard peek() == UInt8(ascii: ",") else { break }
      offset += 1
    }
    try take("]")
    return list
  }

  /// A whole number from 0 to the largest `Int`, in plain digits.
  private mutating func size(of tensor: String) throws(MalformedFrame) -> Int {
    _ = peek()
    let start = offset
    while offset < bytes.count, "+-.0123456789eE".utf8.contains(bytes[offset]) { offset += 1 }
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    guard !text.isEmpty else { throw .syntax(offset: start, expected: "a size") }
    let isPlain = text.utf8.allSatisfy { (0x30...0x39).contains($0) } && (text == "0" || text.first != "0")
    guard isPlain, let value = Int(text) else { throw .notACount(text: text, tensor: tensor) }
    return value
  }

  /// A JSON string, with every escape that JSON has.
  mutating func string() throws(MalformedFrame) -> String {
    try take("\"")
    let start = offset
    var text: [UInt8] = []
    while true {
      guard offset < bytes.count, bytes[offset] >= 0x20 else {
        throw .syntax(offset: offset, expected: "'\"'")
      }
      let byte = bytes[offset]
      offset += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw .notUTF8(offset: start) }
        return string
      case UInt8(ascii: "\\"): text += String(try escape()).utf8
      default: text.append(byte)
      }
    }
  }

  /// What follows a backslash.
  private mutating func escape() throws(MalformedFrame) -> Character {
    guard offset < bytes.count else { throw .syntax(offset: offset, expected: "an escape") }
    offset += 1
    switch bytes[offset - 1] {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw .syntax(offset: offset - 1, expected: "an escape")
    }
  }

  /// Four hexadecimal digits, or eight in two escapes that are a surrogate pair.
  private mutating func unicodeEscape() throws(MalformedFrame) -> Character {
    let start = offset
    let high = try fourDigits()
    if let scalar = Unicode.Scalar(high) { return Character(scalar) }
    guard bytes[offset...].starts(with: "\\u".utf8) else { throw .notUTF8(offset: start) }
    offset += 2
    let low = try fourDigits()
    guard (0xD800..<0xDC00).contains(high), (0xDC00..<0xE000).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    else { throw .notUTF8(offset: start) }
    return Character(scalar)
  }

  private mutating func fourDigits() throws(MalformedFrame) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard offset < bytes.count, let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue else {
        throw .syntax(offset: offset, expected: "four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }
}
