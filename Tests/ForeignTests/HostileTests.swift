import Foreign
import GatedDeltaRule
import Support
import Testing

@Suite struct HostileTests {
  @Test func `a valid frame cut anywhere is an error of one line`() throws {
    let whole = Frame(try problem(.model), metadata: ["note": "é"]).encoded()
    for count in 0..<whole.count {
      guard let error = refusal(Array(whole[..<count])) else {
        Issue.record("\(count) of \(whole.count) bytes were read as a frame")
        return
      }
      guard isOneLine(error.description) else {
        Issue.record("\(count) bytes: \(error.description)")
        return
      }
    }
  }

  @Test func `a byte changed anywhere gives a frame or an error of one line`() throws {
    let whole = Frame(try problem(.model), metadata: ["note": "é", "form": "chunked:64"]).encoded()
    var noise = Random(seed: 1)
    var (read, refused) = (0, 0)
    for _ in 0..<5000 {
      var bytes = whole
      let index = Int.random(in: 0..<whole.count, using: &noise)
      bytes[index] = UInt8.random(in: 0...255, using: &noise)
      do {
        let frame = try Frame(decoding: bytes)
        read += 1
        let problem = try Problem(frame: frame)
        _ = try Recorded(frame: frame, for: problem)
      } catch {
        refused += 1
        guard isOneLine("\(error)") else {
          Issue.record("byte \(index) as \(bytes[index]): \(error)")
          return
        }
      }
    }
    #expect(read > 1000)
    #expect(refused > 1000 && read + refused >= 5000)
  }

  @Test func `random bytes are never a trap`() {
    var noise = Random(seed: 2)
    for _ in 0..<5000 {
      let count = Int.random(in: 0..<40, using: &noise)
      let body = (0..<count).map { _ in
        "{}[]\":,0123456789.-eE\\u_dtypeshape".utf8.randomElement(using: &noise)!
      }
      let error = refusal(bytes(header: String(decoding: body, as: UTF8.self)))
      guard error.map({ isOneLine($0.description) }) ?? true else {
        Issue.record("\(String(decoding: body, as: UTF8.self)): \(error!)")
        return
      }
    }
  }

  @Test(arguments: [
    ("", MalformedFrame.syntax(offset: 0, expected: "'{'")),
    ("[]", .syntax(offset: 0, expected: "'{'")),
    ("null", .syntax(offset: 0, expected: "'{'")),
    ("hello", .syntax(offset: 0, expected: "'{'")),
    ("{", .syntax(offset: 1, expected: "'\"'")),
    ("{}{}", .syntax(offset: 2, expected: "the end of the header")),
    ("{}\0", .syntax(offset: 2, expected: "the end of the header")),
    ("{\"x\":[]}", .syntax(offset: 5, expected: "'{'")),
    ("{\"x\":{}}", .missing(key: "dtype", tensor: "x")),
    ("{\"x\":{\"dtype\":\"F32\"}}", .missing(key: "shape", tensor: "x")),
    ("{\"x\":{\"dtype\":\"F32\",\"shape\":[2]}}", .missing(key: "data_offsets", tensor: "x")),
    ("{\"x\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", .duplicate(name: "dtype")),
    ("{\"x\":{\"order\":{}}}", .unexpected(key: "order", tensor: "x")),
    ("{\"__metadata__\":{\"a\":1}}", .syntax(offset: 21, expected: "'\"'")),
    ("{\"__metadata__\":{\"a\":{}}}", .syntax(offset: 21, expected: "'\"'")),
    ("{\"__metadata__\":{},\"__metadata__\":{}}", .duplicate(name: "__metadata__")),
    ("{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", .duplicate(name: "a")),
    ("{\"\\ud800\":{}}", .notUTF8(offset: 4)),
    ("{\"\\ud800\\u0041\":{}}", .notUTF8(offset: 4)),
    ("{\"\\u12\":{}}", .syntax(offset: 6, expected: "four hexadecimal digits")),
    ("{\"\\x\":{}}", .syntax(offset: 3, expected: "an escape")),
    ("{\"a\nb\":{}}", .syntax(offset: 3, expected: "'\"'")),
  ])
  func `a header of another form is named at its byte`(json: String, expected: MalformedFrame) {
    #expect(refusal(bytes(header: json)) == expected)
  }

  @Test(arguments: [
    (header(shape: "[-2]"), MalformedFrame.notACount(text: "-2", tensor: "x")),
    (header(shape: "[2.0]"), .notACount(text: "2.0", tensor: "x")),
    (header(shape: "[1e400]"), .notACount(text: "1e400", tensor: "x")),
    (header(shape: "[02]"), .notACount(text: "02", tensor: "x")),
    (header(shape: "[9223372036854775808]"), .notACount(text: "9223372036854775808", tensor: "x")),
    (header(shape: "[1152921504606846976]"), .tooLarge(tensor: "x", shape: [1 << 60])),
    (header(shape: "[4294967296,4294967296]"), .tooLarge(tensor: "x", shape: [1 << 32, 1 << 32])),
    (header(shape: "[4294967296,4294967296,0]"), .tooLarge(tensor: "x", shape: [1 << 32, 1 << 32, 0])),
    (header(shape: "[1,1,1,1,1,1,1,1,1]"), .rank(tensor: "x", rank: 9, limit: 8)),
    (header(shape: "[[2]]"), .syntax(offset: 29, expected: "a size")),
    (header(shape: "[\"2\"]"), .syntax(offset: 29, expected: "a size")),
    (header(shape: "2"), .syntax(offset: 28, expected: "'['")),
    (header(shape: "[2,]"), .syntax(offset: 31, expected: "a size")),
    (header(shape: "[3]"), .byteCount(tensor: "x", shape: [3], found: 8, expected: 12)),
    (header(offsets: "[0]"), .offsets(tensor: "x", count: 1)),
    (header(offsets: "[0,4,8]"), .offsets(tensor: "x", count: 3)),
    (header(offsets: "[8,0]"), .reversed(tensor: "x", begin: 8, end: 0)),
    (header(offsets: "[4,12]"), .gap(tensor: "x", begin: 4, taken: 0)),
    (
      header(offsets: "[9223372036854775799,9223372036854775807]"),
      .gap(tensor: "x", begin: .max - 8, taken: 0)
    ),
    (header(offsets: "[-8,0]"), .notACount(text: "-8", tensor: "x")),
    (header(dtype: "\"I64\""), .elementType(tensor: "x", found: "I64")),
    (header(dtype: "\"f32\""), .elementType(tensor: "x", found: "f32")),
    (header(dtype: "5"), .syntax(offset: 14, expected: "'\"'")),
  ])
  func `a tensor that lies is named`(json: String, expected: MalformedFrame) {
    #expect(refusal(bytes(header: json, data: [UInt8](repeating: 0, count: 8))) == expected)
  }

  @Test func `a length that lies allocates nothing`() {
    #expect(refusal(bytes(header: "{}", length: 3)) == .truncated(part: "header", needed: 3, found: 2))
    #expect(refusal(bytes(header: "{}", length: .max)) == .headerTooLong(length: .max, limit: 1 << 20))
    #expect(
      refusal(bytes(header: "{}", length: 1 << 20)) == .truncated(part: "header", needed: 1 << 20, found: 2))
    #expect(refusal(bytes(header: "{}", length: 0)) == .syntax(offset: 0, expected: "'{'"))
    let huge = header(shape: "[4294967296]", offsets: "[0,17179869184]")
    #expect(refusal(bytes(header: huge)) == .truncated(part: "data", needed: 1 << 34, found: 0))
  }

  @Test func `tensors that share bytes, leave some out or do not use them all are refused`() {
    func two(_ first: String, _ second: String, count: Int) -> MalformedFrame? {
      let json = """
        {"x":{"dtype":"U8","shape":[4],"data_offsets":\(first)},\
        "y":{"dtype":"U8","shape":[4],"data_offsets":\(second)}}
        """
      return refusal(bytes(header: json, data: [UInt8](repeating: 0, count: count)))
    }
    #expect(two("[0,4]", "[4,8]", count: 8) == nil)
    #expect(two("[4,8]", "[0,4]", count: 8) == nil)
    #expect(two("[0,4]", "[0,4]", count: 8) == .overlap(tensor: "y", begin: 0, taken: 4))
    #expect(two("[0,4]", "[3,7]", count: 8) == .overlap(tensor: "y", begin: 3, taken: 4))
    #expect(two("[0,4]", "[5,9]", count: 9) == .gap(tensor: "y", begin: 5, taken: 4))
    #expect(two("[0,4]", "[4,8]", count: 9) == .trailing(bytes: 1))
    #expect(two("[0,4]", "[4,8]", count: 7) == .truncated(part: "data", needed: 8, found: 7))
  }

  @Test func `a name twice is refused, however it is spelt`() {
    let entry = "{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}"
    #expect(refusal(bytes(header: "{\"x\":\(entry),\"\\u0078\":\(entry)}")) == .duplicate(name: "x"))
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    var frame = bytes(header: "{\"__metadata__\":{\"a\":\"??\"}}")
    frame[frame.count - 5] = 0xC3
    #expect(refusal(frame) == .notUTF8(offset: 22))
  }

  @Test func `nesting a million deep is refused at its first byte`() {
    let deep = String(repeating: "[", count: 1_000_000)
    #expect(refusal(bytes(header: "{\"x\":\(deep)")) == .syntax(offset: 5, expected: "'{'"))
    let objects = String(repeating: "{\"x\":", count: 200_000)
    #expect(refusal(bytes(header: objects)) == .unexpected(key: "x", tensor: "x"))
  }

  @Test func `text of a stranger is short and on one line in a message`() {
    let name = "a\n\u{1B}[31m\u{202E}" + String(repeating: "z", count: 500)
    let message = MalformedFrame.duplicate(name: name).description
    #expect(isOneLine(message))
    #expect(message.contains("'a\\u{a}\\u{1b}[31m\\u{202e}zzz"))
    #expect(message.count < 200)
  }

  private func isOneLine(_ text: String) -> Bool {
    !text.isEmpty && text.count < 300
      && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
