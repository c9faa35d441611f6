import Foundation

/// Writing so that a killed run leaves either the whole file or none.
package enum AtomicFile {
  /// Writes to a temporary file beside the target, syncs it, renames it, and syncs the folder.
  ///
  /// A link is followed, and the mode of a file that is there already is kept. What stands there and is no regular
  /// file is left alone.
  package static func write(_ bytes: some ContiguousBytes, to path: String) throws(FileFailure) {
    let target = try followed(path)
    let folder = self.folder(of: target)
    let mode = try existing(target, path)
    let file = try OwnedFile.temporary(in: folder, for: path)
    do throws(FileFailure) {
      try file.write(bytes)
      if let mode, fchmod(file.number, mode) != 0 { throw FileFailure(path, "set its mode") }
      try file.sync()
      guard rename(file.path, target) == 0 else { throw FileFailure(path, "rename into place") }
    } catch {
      unlink(file.path)
      throw FileFailure(path, error.step, error.cause)
    }
    // Where a folder cannot be opened or synced, the system does it in its own time.
    let place = open(folder, O_RDONLY | O_CLOEXEC)
    if place >= 0 {
      fsync(place)
      close(place)
    }
  }

  /// Makes a folder and those that it lies in, and sees to it that files can be made there.
  package static func makeFolder(_ path: String) throws(FileFailure) {
    var parent = path.hasPrefix("/") ? "/" : ""
    for name in path.split(separator: "/") {
      parent += name + "/"
      // What cannot be made because it is there, or because that place is not to be written to, shows below.
      mkdir(parent, 0o755)
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileFailure(path, "make the folder") }
    guard FileKind(mode: status.st_mode) == .folder else {
      throw FileFailure(path, "make the folder", code: ENOTDIR)
    }
    guard access(path, W_OK | X_OK) == 0 else { throw FileFailure(path, "write to the folder") }
  }

  /// Removes the temporary files that killed runs left in a folder.
  package static func removeLeftovers(in folder: String) {
    _ = OwnedFile.takeLeftovers(in: folder, named: .temporary, limit: 0)
  }

  /// The folder that a file lies in, as a path.
  private static func folder(of path: String) -> String { Folder.place(of: path).folder }

  /// Where a chain of links leads: a file, or where one can be made.
  private static func followed(_ path: String) throws(FileFailure) -> String {
    var target = path
    // As many as Linux follows itself.
    for _ in 0..<40 {
      var status = stat()
      guard lstat(target, &status) == 0 else {
        if errno == ENOENT { return target }
        throw FileFailure(path, "write")
      }
      guard FileKind(mode: status.st_mode) == .link else { return target }
      var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
      guard readlink(target, &buffer, Int(PATH_MAX)) > 0 else { throw FileFailure(path, "write") }
      let next = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      target = next.hasPrefix("/") ? next : folder(of: target) + "/" + next
    }
    throw FileFailure(path, "write", code: ELOOP)
  }

  /// The mode of the file that is there; nil if there is none.
  private static func existing(_ target: String, _ path: String) throws(FileFailure) -> mode_t? {
    var status = stat()
    guard stat(target, &status) == 0 else { return nil }
    let kind = FileKind(mode: status.st_mode)
    guard kind == .file else { throw FileFailure(path, "write", .notAFile(kind)) }
    return status.st_mode & 0o777
  }
}
