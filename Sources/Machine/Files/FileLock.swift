import Foundation

/// A lock that one process holds as long as it lives, of a file beside the one that it writes.
package final class FileLock: Sendable {
  private let descriptor: Descriptor

  /// - Returns: nil if another process holds it.
  /// - Throws: `FileFailure` where there can be no such file.
  package init?(of path: String) throws {
    let (folder, name) = Folder.place(of: path)
    let lock = folder + "/." + name + ".lock"
    descriptor = try Descriptor(opening: lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, step: "lock")
    // A disk that knows no locks keeps nobody out.
    guard flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { return nil }
  }
}
