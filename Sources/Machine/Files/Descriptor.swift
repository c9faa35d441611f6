import Foundation

/// An open file, closed when nobody holds it any more.
///
/// Opening never waits, whatever stands at the path: nobody has to write to a pipe, and a device is not touched.
struct Descriptor: ~Copyable {
  let number: Int32
  let path: String

  /// Opens a regular file, following links to it.
  ///
  /// - Throws: `FileFailure`, with `.notAFile` for everything else that may stand there.
  static func regular(_ path: String, _ flags: Int32, step: String) throws(FileFailure) -> Descriptor {
    // Asked before opening too: merely to open a device may do something to it.
    var status = stat()
    if stat(path, &status) == 0 {
      let kind = FileKind(mode: status.st_mode)
      guard kind == .file else { throw FileFailure(path, step, .notAFile(kind)) }
    } else if flags & O_CREAT == 0 || errno != ENOENT {
      throw FileFailure(path, step)
    }
    let file = try Descriptor(opening: path, flags | O_NONBLOCK | O_NOCTTY, step: step)
    let kind = FileKind(mode: try file.status().st_mode)
    guard kind == .file else { throw FileFailure(path, step, .notAFile(kind)) }
    return file
  }

  /// Opens what stands there. A file that is made has the mode that `umask` leaves of 666.
  init(opening path: String, _ flags: Int32, step: String) throws(FileFailure) {
    var number: Int32
    repeat { number = open(path, flags | O_CLOEXEC, 0o666) } while number < 0 && errno == EINTR
    guard number >= 0 else { throw FileFailure(path, step) }
    (self.number, self.path) = (number, path)
  }

  deinit { close(number) }

  /// What the system knows of it.
  func status() throws(FileFailure) -> stat {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw FileFailure(path, "read") }
    return status
  }

  /// Fills the buffer from where reading stands, to the end of the file at most, and returns how many bytes came.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFailure) -> Int {
    var done = 0
    while done < buffer.count {
      let taken = Machine.read(number, buffer.baseAddress! + done, buffer.count - done)
      if taken < 0 && errno == EINTR { continue }
      guard taken >= 0 else { throw FileFailure(path, "read") }
      guard taken > 0 else { break }
      done += taken
    }
    return done
  }

  /// Writes everything; after a failure, part of it may stand there.
  func write(_ bytes: UnsafeRawBufferPointer) throws(FileFailure) {
    var done = 0
    while done < bytes.count {
      let given = Machine.write(number, bytes.baseAddress! + done, bytes.count - done)
      if given < 0 && errno == EINTR { continue }
      guard given > 0 else { throw FileFailure(path, "write", code: given < 0 ? errno : ENOSPC) }
      done += given
    }
  }

  /// Writes everything.
  func write(_ bytes: some ContiguousBytes) throws(FileFailure) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(FileFailure) in try write(bytes) }
    }
    try result.get()
  }

  /// Sees to it that what was written outlasts the power.
  func sync() throws(FileFailure) {
    guard fsync(number) == 0 else { throw FileFailure(path, "sync") }
  }
}
