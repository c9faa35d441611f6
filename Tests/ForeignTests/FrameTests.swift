import Foreign
import GatedDeltaRule
import Testing

@Suite struct FrameTests {
  @Test(arguments: Precision.allCases)
  func `numbers of every precision come back bit for bit`(precision: Precision) throws {
    let values = [0, -0.0, 1, -2.5, 0x1p-14, 65504, .infinity, -.infinity].map(precision.round)
    let frame = Frame(entries: ["x": .numbers(Tensor(shape: [2, 4], precision: precision, values: values))])
    let back = try Frame(decoding: frame.encoded())
    guard case .numbers(let tensor) = back.entries["x"] else { throw MalformedFrame.duplicate(name: "x") }
    #expect(tensor.precision == precision)
    #expect(tensor.shape == [2, 4])
    #expect(tensor.values.map(\.bitPattern) == values.map(\.bitPattern))
  }

  @Test func `every pattern of the sixteen-bit types survives, NaN as a NaN`() throws {
    for type in [ElementType.BF16, .F16] {
      let header = """
        {"x":{"dtype":"\(type.rawValue)","shape":[65536],"data_offsets":[0,131072]}}
        """
      let data = (0..<65536).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
      let frame = try Frame(decoding: bytes(header: header, data: data))
      let back = Array(frame.encoded().suffix(131072))
      let nan = { (pattern: Int) in
        type == .BF16 ? pattern & 0x7FFF > 0x7F80 : pattern & 0x7FFF > 0x7C00
      }
      for pattern in 0..<65536 {
        let found = Int(back[2 * pattern]) | Int(back[2 * pattern + 1]) << 8
        guard found == pattern || (nan(found) && nan(pattern)) else {
          Issue.record("\(type) pattern \(pattern) came back as \(found)")
          return
        }
      }
    }
  }

  @Test func `a tensor that is not a multiple of its precision is rounded to it`() throws {
    let third = Tensor(shape: [], precision: .bf16, values: [1.0 / 3])
    let back = try Frame(decoding: Frame(entries: ["x": .numbers(third)]).encoded())
    #expect(back.entries["x"] == .numbers(third.rounded(to: .bf16)))
  }

  @Test func `flags come back from BOOL and from U8`() throws {
    for type in ["BOOL", "U8"] {
      let header = header(dtype: "\"\(type)\"", shape: "[3]", offsets: "[0,3]")
      let frame = try Frame(decoding: bytes(header: header, data: [1, 0, 1]))
      #expect(frame.entries["x"] == .flags(Flags(shape: [3], values: [true, false, true])))
      #expect(try Frame(decoding: frame.encoded()) == frame)
    }
    let two = bytes(header: header(dtype: "\"U8\"", shape: "[2]", offsets: "[0,2]"), data: [1, 2])
    #expect(refusal(two) == .notAFlag(tensor: "x", value: 2, index: 1))
  }

  @Test func `metadata and names survive every kind of character`() throws {
    let text = "a \"quote\", a \\, a\nline, \u{1}, é, 中, 😀"
    let frame = Frame(
      entries: [text: .numbers(tensor([2]))], metadata: ["note": text, text: "", "": "empty key"])
    #expect(try Frame(decoding: frame.encoded()) == frame)
    let escaped = #"{"__metadata__":{"n":"\u00e9 \ud83d\ude00 \/ \b\f\n\r\t"}}"#
    #expect(
      try Frame(decoding: bytes(header: escaped)).metadata == ["n": "é 😀 / \u{8}\u{C}\n\r\t"])
  }

  @Test func `equal frames give equal bytes, aligned to eight`() throws {
    var forwards = Frame(metadata: ["a": "1", "b": "2"])
    var backwards = Frame(metadata: ["b": "2", "a": "1"])
    let names = (0..<20).map { "tensor\($0)" }
    let precisions = Precision.allCases
    for (index, name) in names.enumerated() {
      forwards.entries[name] = .numbers(tensor([index % 3, 3], precision: precisions[index % 4]))
    }
    for (index, name) in names.enumerated().reversed() {
      backwards.entries[name] = .numbers(tensor([index % 3, 3], precision: precisions[index % 4]))
    }
    let encoded = forwards.encoded()
    #expect(encoded == backwards.encoded())
    let length = try FrameHeader.length(of: encoded)
    #expect(length % 8 == 0)
    let header = try FrameHeader(json: Array(encoded[8..<(8 + length)]))
    for place in header.places { #expect(place.bytes.lowerBound % place.type.byteCount == 0) }
    #expect(header.dataCount == encoded.count - 8 - length)
  }

  @Test func `an empty frame and empty tensors are frames`() throws {
    #expect(try Frame(decoding: Frame().encoded()) == Frame())
    #expect(try Frame(decoding: bytes(header: "{}   ")) == Frame())
    let frame = Frame(entries: [
      "none": .numbers(tensor([0, 5])), "also": .numbers(tensor([5, 0])), "one": .numbers(tensor([])),
    ])
    #expect(try Frame(decoding: frame.encoded()) == frame)
  }
}

extension FrameTests {
  @Test func `in another order, and at another address, a frame holds the same`() throws {
    let names = ["q", "k", "v", "g", "beta"]
    let frame = Frame(
      entries: Dictionary(
        uniqueKeysWithValues: names.enumerated().map { index, name in
          let precision: Precision = name == "q" ? .bf16 : .fp32
          return (name, .numbers(Tensor(shape: [3], precision: precision, repeating: Double(index))))
        }), metadata: ["id": "1"])
    let usual = frame.encoded()
    #expect(frame.encoded(order: 0) == usual)
    for order in [UInt64(1), 2, 8, 1 << 40] {
      let other = frame.encoded(order: order)
      #expect(try Frame(decoding: other) == frame)
      // Elements of four bytes lie before those of two, so that each is aligned.
      #expect(try FrameHeader.length(of: other) % 8 == 0)
    }
    let orders = Set((1...20).map { frame.encoded(order: UInt64($0)).suffix(54) })
    #expect(orders.count > 5)
  }
}
