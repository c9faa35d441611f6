import GatedDeltaRule
import Machine

extension Frame {
  /// The frame as bytes. Equal frames give equal bytes: names are sorted, and the widest elements come first, so
  /// that with the padding of the header every tensor is aligned to its element.
  ///
  /// - Precondition: no tensor is named `__metadata__`.
  public func encoded() -> [UInt8] { encoded(order: 0) }

  /// The same with the tensors of one element type in another order, and all of them at another address.
  ///
  /// - Parameter order: which; 0 is the usual one.
  package func encoded(order: UInt64) -> [UInt8] {
    precondition(entries[FrameHeader.metadataKey] == nil, "a tensor cannot be named __metadata__")
    func rank(_ name: String) -> UInt64 { order == 0 ? 0 : Checksum.hash("\(order) \(name)") }
    let sorted = entries.map {
      (width: $0.value.type.byteCount, rank: rank($0.key), name: $0.key, entry: $0.value)
    }
    .sorted { (-$0.width, $0.rank, $0.name) < (-$1.width, $1.rank, $1.name) }
    var places: [(name: String, text: String)] = []
    var end = 0
    for (_, _, name, entry) in sorted {
      let begin = end
      end += entry.byteCount
      let shape = entry.shape.map(String.init).joined(separator: ",")
      let text = """
        {"dtype":"\(entry.type.rawValue)","shape":[\(shape)],"data_offsets":[\(begin),\(end)]}
        """
      places.append((name, text))
    }
    let header = headerText(places, padding: Int(order % 8))
    let begin = FrameHeader.prefixCount + header.count
    return [UInt8](unsafeUninitializedCapacity: begin + end) { buffer, count in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      raw.storeBytes(of: UInt64(header.count).littleEndian, as: UInt64.self)
      raw[FrameHeader.prefixCount..<begin].copyBytes(from: header)
      count = begin
      for (_, _, _, entry) in sorted {
        entry.write(to: UnsafeMutableRawBufferPointer(rebasing: raw[count...]))
        count += entry.byteCount
      }
    }
  }

  /// The JSON, padded with spaces so that the values begin at a multiple of eight bytes, and so many times eight bytes
  /// later.
  private func headerText(_ places: [(name: String, text: String)], padding: Int) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(literal($0.key)):\(literal($0.value))" }
      members.append("\"\(FrameHeader.metadataKey)\":{\(pairs.joined(separator: ","))}")
    }
    members += places.sorted { $0.name < $1.name }.map { "\(literal($0.name)):\($0.text)" }
    var bytes = Array("{\(members.joined(separator: ","))}".utf8)
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: padding * FrameHeader.prefixCount))
    while bytes.count % FrameHeader.prefixCount != 0 { bytes.append(UInt8(ascii: " ")) }
    return bytes
  }
}

/// A JSON string.
private func literal(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\\(scalar)"
    case "\u{0}"..<"\u{20}":
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

extension Frame.Entry {
  fileprivate var byteCount: Int {
    switch self {
    case .numbers(let tensor): tensor.values.count * type.byteCount
    case .flags(let flags): flags.values.count
    }
  }

  fileprivate func write(to bytes: UnsafeMutableRawBufferPointer) {
    switch self {
    case .flags(let flags): for (index, flag) in flags.values.enumerated() { bytes[index] = flag ? 1 : 0 }
    case .numbers(let tensor):
      switch tensor.precision {
      case .fp64: store(tensor.values, to: bytes) { $0.bitPattern }
      case .fp32: store(tensor.values, to: bytes) { Float($0).bitPattern }
      case .bf16: store(tensor.values, to: bytes) { BFloat16($0).bits }
      case .fp16: store(tensor.values, to: bytes) { Half($0).bits }
      }
    }
  }
}

@inline(__always)
private func store<Pattern: FixedWidthInteger & BitwiseCopyable>(
  _ values: [Double], to bytes: UnsafeMutableRawBufferPointer, _ pattern: (Double) -> Pattern
) {
  values.withUnsafeBufferPointer { values in
    for index in values.indices {
      bytes.storeBytes(
        of: pattern(values[index]).littleEndian, toByteOffset: index * MemoryLayout<Pattern>.size,
        as: Pattern.self)
    }
  }
}
