import Machine

/// Why bytes are not a frame.
public enum MalformedFrame: Error, Hashable, Sendable {
  /// The bytes end before the length field, the header or the values do.
  case truncated(part: String, needed: Int, found: Int)
  case headerTooLong(length: UInt64, limit: Int)
  case syntax(offset: Int, expected: String)
  case notUTF8(offset: Int)
  case duplicate(name: String)
  case missing(key: String, tensor: String)
  case unexpected(key: String, tensor: String)
  case elementType(tensor: String, found: String)
  case notACount(text: String, tensor: String)
  case rank(tensor: String, rank: Int, limit: Int)
  case tooLarge(tensor: String, shape: [Int])
  case offsets(tensor: String, count: Int)
  case reversed(tensor: String, begin: Int, end: Int)
  case byteCount(tensor: String, shape: [Int], found: Int, expected: Int)
  case overlap(tensor: String, begin: Int, taken: Int)
  case gap(tensor: String, begin: Int, taken: Int)
  case trailing(bytes: Int)
  case notAFlag(tensor: String, value: UInt8, index: Int)
}

extension MalformedFrame: CustomStringConvertible {
  /// One line for a person.
  public var description: String {
    switch self {
    case .truncated(let part, let needed, let found):
      "truncated: the \(part) needs \(needed) bytes, there are \(found)"
    case .headerTooLong(let length, let limit):
      "not safetensors: the header claims \(length) bytes, the limit is \(limit)"
    case .syntax(let offset, let expected): "malformed header: expected \(expected) at byte \(offset)"
    case .notUTF8(let offset): "malformed header: the text at byte \(offset) is not UTF-8"
    case .duplicate(let name): "malformed header: \(quoted(name)) appears twice"
    case .missing(let key, let tensor): "malformed header: tensor \(quoted(tensor)) has no \(key)"
    case .unexpected(let key, let tensor):
      "malformed header: tensor \(quoted(tensor)) has an unknown key \(quoted(key))"
    case .elementType(let tensor, let found):
      "tensor \(quoted(tensor)) has type \(quoted(found)), expected one of "
        + ElementType.allCases.map(\.rawValue).joined(separator: " ")
    case .notACount(let text, let tensor):
      "malformed header: \(quoted(text)) in tensor \(quoted(tensor)) is not a size"
    case .rank(let tensor, let rank, let limit):
      "tensor \(quoted(tensor)) has \(rank) or more dimensions, the limit is \(limit)"
    case .tooLarge(let tensor, let shape):
      "tensor \(quoted(tensor)) of shape \(shape) is too large to be stored"
    case .offsets(let tensor, let count):
      "malformed header: data_offsets of tensor \(quoted(tensor)) has \(count) entries, expected 2"
    case .reversed(let tensor, let begin, let end):
      "malformed header: tensor \(quoted(tensor)) begins at byte \(begin) and ends at \(end)"
    case .byteCount(let tensor, let shape, let found, let expected):
      "tensor \(quoted(tensor)) of shape \(shape) needs \(expected) bytes, its data_offsets hold \(found)"
    case .overlap(let tensor, let begin, let taken):
      "tensor \(quoted(tensor)) begins at byte \(begin), inside another that ends at \(taken)"
    case .gap(let tensor, let begin, let taken):
      "tensor \(quoted(tensor)) begins at byte \(begin), bytes from \(taken) on belong to nobody"
    case .trailing(let bytes): "\(bytes) bytes after the last tensor belong to nobody"
    case .notAFlag(let tensor, let value, let index):
      "tensor \(quoted(tensor)) holds \(value) at element \(index), a flag is 0 or 1"
    }
  }
}
