import Machine

/// Why a file could not be read or written.
public enum FileFailure: Error, Hashable, Sendable {
  /// The operating system said no.
  case system(operation: String, path: String, code: Int32)
  /// A directory, a pipe, a device.
  case notAFile(path: String)
}

extension FileFailure: CustomStringConvertible {
  /// One line for a person.
  public var description: String {
    switch self {
    case .system(let operation, _, let code): "cannot \(operation): \(String(cString: strerror(code)))"
    case .notAFile: "not a regular file"
    }
  }
}

extension Frame {
  /// Reads a file. The header is read and checked against the size of the file before the values are read.
  ///
  /// - Throws: `FileFailure` or `MalformedFrame`.
  public init(contentsOf path: String) throws {
    let file = try InputFile(path)
    let prefix = try file.read(min(FrameHeader.prefixCount, file.size))
    let length = try FrameHeader.length(of: prefix)
    let rest = file.size - FrameHeader.prefixCount
    guard length <= rest else { throw MalformedFrame.truncated(part: "header", needed: length, found: rest) }
    let header = try FrameHeader(json: file.read(length))
    guard header.dataCount <= rest - length else {
      throw MalformedFrame.truncated(part: "data", needed: header.dataCount, found: rest - length)
    }
    guard header.dataCount == rest - length else {
      throw MalformedFrame.trailing(bytes: rest - length - header.dataCount)
    }
    try self.init(header: header, data: file.read(header.dataCount)[...])
  }

  /// Writes a file: under a temporary name beside it, then synced and renamed, so that a reader sees the old
  /// content or the new one and never half of it.
  ///
  /// - Throws: `FileFailure`. What is at `path` and is not a regular file is left alone.
  public func write(to path: String) throws(FileFailure) {
    if let status = status(path), status.st_mode & S_IFMT != S_IFREG { throw .notAFile(path: path) }
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .system(operation: "write", path: path, code: errno) }
    do throws(FileFailure) {
      try fill(descriptor, with: encoded(), path: path)
      guard rename(temporary, path) == 0 else { throw .system(operation: "rename", path: path, code: errno) }
    } catch {
      unlink(temporary)
      throw error
    }
  }
}

/// Writes everything, syncs and closes, whatever happens.
private func fill(_ descriptor: Int32, with bytes: [UInt8], path: String) throws(FileFailure) {
  var done = 0
  while done < bytes.count {
    let count = bytes.withUnsafeBytes { Platform.write(descriptor, $0.baseAddress! + done, $0.count - done) }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else {
      let code = errno
      close(descriptor)
      throw .system(operation: "write", path: path, code: code)
    }
    done += count
  }
  let isSynced = fsync(descriptor) == 0
  let code = errno
  guard close(descriptor) == 0, isSynced else { throw .system(operation: "write", path: path, code: code) }
}

private func status(_ path: String) -> stat? {
  var status = stat()
  return stat(path, &status) == 0 ? status : nil
}

/// A regular file, open for reading from its beginning.
private struct InputFile: ~Copyable {
  let path: String
  let size: Int
  private let descriptor: Int32

  init(_ path: String) throws(FileFailure) {
    // Without O_NONBLOCK a named pipe would wait here for somebody to write.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(operation: "read", path: path, code: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notAFile(path: path)
    }
    (self.path, size, self.descriptor) = (path, Int(status.st_size), descriptor)
  }

  deinit { close(descriptor) }

  /// The next bytes; fewer where the file has shrunk meanwhile.
  func read(_ count: Int) throws(FileFailure) -> [UInt8] {
    var failure: Int32?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      while done < count {
        let taken = Platform.read(descriptor, buffer.baseAddress! + done, count - done)
        if taken < 0 && errno == EINTR { continue }
        if taken < 0 { failure = errno }
        guard taken > 0 else { return }
        done += taken
      }
    }
    if let failure { throw .system(operation: "read", path: path, code: failure) }
    return bytes
  }
}

/// The system calls whose names the methods here share.
private enum Platform {
  static func read(_ descriptor: Int32, _ buffer: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.read(descriptor, buffer, count)
    #elseif canImport(Musl)
      Musl.read(descriptor, buffer, count)
    #elseif canImport(Darwin)
      Darwin.read(descriptor, buffer, count)
    #endif
  }

  static func write(_ descriptor: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, buffer, count)
    #elseif canImport(Musl)
      Musl.write(descriptor, buffer, count)
    #elseif canImport(Darwin)
      Darwin.write(descriptor, buffer, count)
    #endif
  }
}
