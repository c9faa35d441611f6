import Foundation

/// Writing so that a killed run leaves either the whole file or none.
package enum AtomicFile {
  /// Why a file could not be written.
  package struct Failure: Error, CustomStringConvertible {
    let path: String
    let step: String
    let code: Int32
    /// What could not be done to it, and the system's number for why.
    package init(path: String, step: String, code: Int32) {
      (self.path, self.step, self.code) = (path, step, code)
    }

    /// One line for a person.
    package var description: String { "\(path): cannot \(step): \(String(cString: strerror(code)))" }
  }

  /// Writes to a temporary file beside the target, syncs it, renames it, and syncs the folder.
  ///
  /// The temporary file's name starts with a dot and ends in a random number, so that two runs on one folder, on two
  /// machines even, do not meet and a reader passes over it.
  package static func write(_ data: Data, to path: String) throws(Failure) {
    let folder = (path as NSString).deletingLastPathComponent
    let name = (path as NSString).lastPathComponent
    let temporary =
      "\(folder.isEmpty ? "." : folder)/.\(Checksum.of(name)).\(UInt64.random(in: 0...UInt64.max)).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw Failure(path: path, step: "create a file there", code: errno) }
    do throws(Failure) {
      try fill(descriptor, with: data, path: path)
      guard rename(temporary, path) == 0 else {
        throw Failure(path: path, step: "rename into place", code: errno)
      }
    } catch {
      unlink(temporary)
      throw error
    }
    let directory = open(folder.isEmpty ? "." : folder, O_RDONLY)
    if directory >= 0 {
      fsync(directory)
      close(directory)
    }
  }

  /// Makes a folder and those that it lies in, and sees to it that files can be made there.
  package static func makeFolder(_ path: String) throws(Failure) {
    var parent = path.hasPrefix("/") ? "/" : ""
    for name in path.split(separator: "/") {
      parent += name + "/"
      // What cannot be made because it is there, or because that place is not to be written to, shows below.
      mkdir(parent, 0o755)
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw Failure(path: path, step: "write to the folder", code: errno)
    }
  }

  private static func fill(_ descriptor: Int32, with data: Data, path: String) throws(Failure) {
    defer { close(descriptor) }
    var failure: Failure?
    data.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else {
          failure = Failure(path: path, step: "write", code: errno)
          return
        }
        rest = rest.dropFirst(written)
      }
    }
    if let failure { throw failure }
    guard fsync(descriptor) == 0 else { throw Failure(path: path, step: "sync", code: errno) }
  }
}

extension UnsafeRawBufferPointer.SubSequence {
  /// Where the slice starts in memory.
  fileprivate var baseAddress: UnsafeRawPointer? { UnsafeRawBufferPointer(rebasing: self).baseAddress }
}
