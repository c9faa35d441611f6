import Machine

/// The last bytes of a stream.
struct Tail {
  private let limit: Int
  private var bytes: [UInt8] = []

  init(limit: Int) { self.limit = limit }

  mutating func append(_ more: some Collection<UInt8>) {
    bytes += more
    if bytes.count > limit { bytes.removeFirst(bytes.count - limit) }
  }

  /// The last lines as one.
  var line: String {
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { oneLine(String($0)) }.filter { !$0.isEmpty }
    return String(lines.suffix(4).joined(separator: " | ").suffix(400))
  }
}
