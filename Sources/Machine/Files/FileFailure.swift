/// Why something could not be done to a file.
public struct FileFailure: Error, Hashable, Sendable {
  /// What is in the way.
  public enum Reason: Hashable, Sendable {
    /// The operating system said no, with this number.
    case system(code: Int32)
    /// What stands there is a folder, a pipe, a device or a socket.
    case notAFile(FileKind)
    /// It has more bytes than such a file ever has.
    case tooLarge(limit: Int)
  }

  /// The file, as it was named.
  public let path: String
  /// What was to be done: "read", "write to it".
  public let step: String
  /// Why not.
  public let cause: Reason

  /// What could not be done to which file, and why.
  package init(_ path: String, _ step: String, _ cause: Reason) {
    (self.path, self.step, self.cause) = (path, step, cause)
  }

  /// The same with the system's last word, `errno`.
  package init(_ path: String, _ step: String, code: Int32 = errno) {
    self.init(path, step, .system(code: code))
  }
}

extension FileFailure: CustomStringConvertible {
  /// One clause, without the path.
  public var reason: String {
    switch cause {
    case .system(let code): "cannot \(step): \(String(cString: strerror(code)))"
    case .notAFile(let kind): "cannot \(step): it is \(kind.rawValue), not a regular file"
    case .tooLarge(let limit): "cannot \(step): it has more than \(limit) bytes"
    }
  }

  /// One line for a person.
  public var description: String { "\(path): \(reason)" }
}

/// What may stand in a file's place.
public enum FileKind: String, Hashable, Sendable {
  case file = "a regular file"
  case folder = "a folder"
  case pipe = "a named pipe"
  case device = "a device"
  case socket = "a socket"
  case link = "a symbolic link"

  /// From `st_mode`.
  package init(mode: mode_t) {
    switch mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    case S_IFIFO: self = .pipe
    case S_IFSOCK: self = .socket
    case S_IFLNK: self = .link
    default: self = .device
    }
  }
}
