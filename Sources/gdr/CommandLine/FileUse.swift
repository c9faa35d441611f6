import Machine

/// What a command does to the file that a flag names.
package enum FileUse: Hashable, Sendable {
  case read
  case written
  /// Written, and perhaps an operand as well, which is read before.
  case writtenAfterOperands
}

extension Arguments {
  /// - Throws: `UsageError` if a file that is written is an operand too, or that of another flag: whichever came first
  ///   would be lost.
  func requireNothingWrittenOver(_ flags: [Flag]) throws(UsageError) {
    var seen: [(flag: Flag, path: String)] = []
    let operands = Set(self.operands.map(Folder.realPath))
    for flag in flags where flag.file != nil {
      guard let value = value(flag.name) else { continue }
      let path = Folder.realPath(of: value)
      if flag.file == .written, operands.contains(path) { throw .writesOverOperand(flag: flag.name, value) }
      let other = seen.first { $0.path == path && !($0.flag.file == .read && flag.file == .read) }
      if let other { throw .sameFile(flag: other.flag.name, other: flag.name, value) }
      seen.append((flag, path))
    }
  }
}
