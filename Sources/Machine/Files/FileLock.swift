import Foundation

/// A lock that one process holds as long as it lives, of a file beside the one that it writes.
package final class FileLock: Sendable {
  private let descriptor: Int32

  /// - Returns: nil if another process holds it.
  /// - Throws: `FileFailure` where there can be no such file.
  package init?(of path: String) throws {
    let folder = (path as NSString).deletingLastPathComponent
    let lock = (folder.isEmpty ? "." : folder) + "/." + (path as NSString).lastPathComponent + ".lock"
    descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw FileFailure(path, "lock") }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      close(descriptor)
      return nil
    }
  }

  deinit { close(descriptor) }
}
