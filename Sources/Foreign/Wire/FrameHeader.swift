import GatedDeltaRule

/// The header of a frame, checked: what tensors there are and which bytes are whose.
///
/// A reader on a pipe takes 8 bytes, `length(of:)`, that many more, `init(json:)`, and then knows by `dataCount`
/// how many are still to come, before it has allocated any of them.
public struct FrameHeader: Hashable, Sendable {
  /// One tensor.
  public struct Place: Hashable, Sendable {
    /// Its name.
    public let name: String
    /// What its elements are.
    public let type: ElementType
    /// Sizes, outermost first.
    public let shape: [Int]
    /// Its bytes, counted from the end of the header.
    public let bytes: Range<Int>
  }

  /// The tensors, in the order of their bytes; each begins where the one before it ends.
  public let places: [Place]
  /// `__metadata__`.
  public let metadata: [String: String]

  /// Bytes of values after the header.
  public var dataCount: Int { places.last?.bytes.upperBound ?? 0 }

  /// A header is a few hundred bytes; one past this is an attack or not a header.
  public static let lengthLimit = 1 << 20
  /// No tensor of this project has more than four dimensions.
  public static let rankLimit = 8
  /// The length field.
  public static let prefixCount = 8

  /// The length of the header that follows these eight bytes.
  public static func length(of prefix: some Collection<UInt8>) throws(MalformedFrame) -> Int {
    guard prefix.count >= prefixCount else {
      throw .truncated(part: "length field", needed: prefixCount, found: prefix.count)
    }
    let length = prefix.prefix(prefixCount).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(lengthLimit) else {
      throw .headerTooLong(length: length, limit: lengthLimit)
    }
    return Int(length)
  }

  /// Parses and checks a header: every size is a count, every tensor's bytes are as many as its shape needs, and
  /// the tensors follow each other without overlap or gap.
  public init(json: [UInt8]) throws(MalformedFrame) {
    var places: [String: Place] = [:]
    var metadata: [String: String]?
    var scanner = HeaderScanner(json)
    try scanner.object { (scanner, name) throws(MalformedFrame) in
      if name == FrameHeader.metadataKey {
        guard metadata == nil else { throw .duplicate(name: name) }
        metadata = try FrameHeader.metadata(&scanner)
      } else {
        guard places[name] == nil else { throw .duplicate(name: name) }
        places[name] = try FrameHeader.place(named: name, &scanner)
      }
    }
    try scanner.takeEnd()
    self.metadata = metadata ?? [:]
    self.places = try FrameHeader.tiled(places.values)
  }

  static let metadataKey = "__metadata__"

  private static func metadata(_ scanner: inout HeaderScanner) throws(MalformedFrame) -> [String: String] {
    var metadata: [String: String] = [:]
    try scanner.object { (scanner, key) throws(MalformedFrame) in
      guard metadata[key] == nil else { throw .duplicate(name: key) }
      metadata[key] = try scanner.string()
    }
    return metadata
  }

  private static func place(
    named name: String, _ scanner: inout HeaderScanner
  ) throws(MalformedFrame) -> Place {
    var typeName: String?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.object { (scanner, key) throws(MalformedFrame) in
      switch key {
      case "dtype" where typeName == nil: typeName = try scanner.string()
      case "shape" where shape == nil: shape = try scanner.sizes(of: name, limit: rankLimit)
      case "data_offsets" where offsets == nil: offsets = try scanner.sizes(of: name, limit: rankLimit)
      case "dtype", "shape", "data_offsets": throw .duplicate(name: key)
      default: throw .unexpected(key: key, tensor: name)
      }
    }
    guard let typeName else { throw .missing(key: "dtype", tensor: name) }
    guard let shape else { throw .missing(key: "shape", tensor: name) }
    guard let offsets else { throw .missing(key: "data_offsets", tensor: name) }
    guard let type = ElementType(rawValue: typeName) else {
      throw .elementType(tensor: name, found: typeName)
    }
    return Place(
      name: name, type: type, shape: shape,
      bytes: try range(offsets, of: name, expected: byteCount(of: name, shape: shape, type: type), shape))
  }

  private static func byteCount(
    of name: String, shape: [Int], type: ElementType
  ) throws(MalformedFrame) -> Int {
    guard let count = Tensor.count(of: shape), count <= Shape.elementLimit else {
      throw .tooLarge(tensor: name, shape: shape)
    }
    return count * type.byteCount
  }

  private static func range(
    _ offsets: [Int], of name: String, expected: Int, _ shape: [Int]
  ) throws(MalformedFrame) -> Range<Int> {
    guard offsets.count == 2 else { throw .offsets(tensor: name, count: offsets.count) }
    let (begin, end) = (offsets[0], offsets[1])
    guard begin <= end else { throw .reversed(tensor: name, begin: begin, end: end) }
    guard end - begin == expected else {
      throw .byteCount(tensor: name, shape: shape, found: end - begin, expected: expected)
    }
    return begin..<end
  }

  /// The places in order, if each begins where the one before it ends.
  private static func tiled(_ places: some Sequence<Place>) throws(MalformedFrame) -> [Place] {
    let sorted = places.sorted {
      ($0.bytes.lowerBound, $0.bytes.upperBound, $0.name) < (
        $1.bytes.lowerBound, $1.bytes.upperBound, $1.name
      )
    }
    var taken = 0
    for place in sorted {
      let begin = place.bytes.lowerBound
      guard begin >= taken else { throw .overlap(tensor: place.name, begin: begin, taken: taken) }
      guard begin <= taken else { throw .gap(tensor: place.name, begin: begin, taken: taken) }
      taken = place.bytes.upperBound
    }
    return sorted
  }
}
