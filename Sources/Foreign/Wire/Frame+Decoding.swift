import GatedDeltaRule

extension Frame {
  /// Reads a whole frame. Never traps: bytes that are not a frame are an error, found before anything that the
  /// header claims is allocated.
  public init(decoding bytes: [UInt8]) throws(MalformedFrame) {
    let length = try FrameHeader.length(of: bytes)
    let begin = FrameHeader.prefixCount + length
    guard bytes.count >= begin else {
      throw .truncated(part: "header", needed: length, found: bytes.count - FrameHeader.prefixCount)
    }
    let header = try FrameHeader(json: Array(bytes[FrameHeader.prefixCount..<begin]))
    try self.init(header: header, data: bytes[begin...])
  }

  /// Reads the values that follow a header.
  public init(header: FrameHeader, data: ArraySlice<UInt8>) throws(MalformedFrame) {
    guard data.count >= header.dataCount else {
      throw .truncated(part: "data", needed: header.dataCount, found: data.count)
    }
    guard data.count == header.dataCount else { throw .trailing(bytes: data.count - header.dataCount) }
    self.init(metadata: header.metadata)
    for place in header.places {
      let bytes = data[
        (data.startIndex + place.bytes.lowerBound)..<(data.startIndex + place.bytes.upperBound)]
      entries[place.name] = try Entry(place, bytes)
    }
  }
}

extension Frame.Entry {
  fileprivate init(_ place: FrameHeader.Place, _ bytes: ArraySlice<UInt8>) throws(MalformedFrame) {
    guard let precision = place.type.precision else {
      if let index = bytes.firstIndex(where: { $0 > 1 }) {
        throw .notAFlag(tensor: place.name, value: bytes[index], index: index - bytes.startIndex)
      }
      self = .flags(Flags(shape: place.shape, values: bytes.map { $0 == 1 }))
      return
    }
    let values = bytes.withUnsafeBytes { decoded($0, precision) }
    self = .numbers(Tensor(shape: place.shape, precision: precision, values: values))
  }
}

/// Little-endian numbers as doubles. The bytes may lie at any address.
private func decoded(_ bytes: UnsafeRawBufferPointer, _ precision: Precision) -> [Double] {
  switch precision {
  case .fp64: values(in: bytes, UInt64.self) { Double(bitPattern: $0) }
  case .fp32: values(in: bytes, UInt32.self) { Double(Float(bitPattern: $0)) }
  case .bf16: values(in: bytes, UInt16.self) { Double(BFloat16(bits: $0).float) }
  case .fp16: values(in: bytes, UInt16.self) { Half(bits: $0).double }
  }
}

@inline(__always)
private func values<Pattern: FixedWidthInteger & BitwiseCopyable>(
  in bytes: UnsafeRawBufferPointer, _: Pattern.Type, _ number: (Pattern) -> Double
) -> [Double] {
  let width = MemoryLayout<Pattern>.size
  return [Double](unsafeUninitializedCapacity: bytes.count / width) { buffer, count in
    count = bytes.count / width
    for index in 0..<count {
      let pattern = bytes.loadUnaligned(fromByteOffset: index * width, as: Pattern.self)
      buffer.initializeElement(at: index, to: number(Pattern(littleEndian: pattern)))
    }
  }
}
