/// Why a corpus file cannot be read.
package enum UnreadableFinding: Error, Hashable, Sendable, CustomStringConvertible {
  case tooLarge(bytes: Int)
  case notText
  case notAFinding(String)
  case futureFormat(Int)
  case changed(recorded: String, found: String)
  case unreadable(String)

  /// One line for a person.
  package var description: String {
    switch self {
    case .tooLarge(let bytes): "is \(bytes) bytes, a finding has at most \(Finding.sizeLimit)"
    case .notText: "is not UTF-8 text"
    case .notAFinding(let reason): "is not a finding: \(reason)"
    case .futureFormat(let format): "has format \(format), this gdr reads 1 and 2"
    case .changed(let recorded, let found):
      "was changed by hand or by accident: its checksum is \(found), it records \(recorded)"
    case .unreadable(let reason): "cannot be read: \(reason)"
    }
  }
}
