import Foundation

/// What lies in a folder. Temporary files of a run that was killed start with a dot: what does is passed over.
package enum Folder {
  /// The paths of the visible entries of a folder, sorted; none if it cannot be read.
  package static func files(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted().map { folder + "/" + $0 }
  }

  /// The visible files of a folder and of those in it, sorted; a path that is no folder stands for itself. So does a
  /// link to a folder below it: links may lead round in a ring.
  package static func filesBelow(_ path: String) -> [String] {
    guard isFolder(path) else { return [path] }
    return files(in: path).flatMap { isLink($0) ? [$0] : filesBelow($0) }.sorted()
  }

  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && FileKind(mode: status.st_mode) == .link
  }

  /// The folder that a file lies in, as its path names it, and its name there. What Foundation has for this traps on a
  /// path of one character.
  package static func place(of path: String) -> (folder: String, name: String) {
    // In bytes: a combining mark makes one character with the slash before it.
    let bytes = path.utf8
    let slash = UInt8(ascii: "/")
    // The name may have slashes behind it.
    guard let end = bytes.lastIndex(where: { $0 != slash }).map(bytes.index(after:)) else {
      return (path.isEmpty ? "." : "/", "")
    }
    guard let border = bytes[..<end].lastIndex(of: slash) else { return (".", String(path[..<end])) }
    let name = String(path[bytes.index(after: border)..<end])
    return (border == path.startIndex ? "/" : String(path[..<border]), name)
  }

  /// The path without links and dots; of what is not there yet, that of its folder and its name. What has no such
  /// path stays as it is.
  package static func realPath(of path: String) -> String {
    func resolved(_ path: String) -> String? {
      guard let real = realpath(path, nil) else { return nil }
      defer { free(real) }
      return String(cString: real)
    }
    if let real = resolved(path) { return real }
    let (folder, name) = place(of: path)
    return resolved(folder).map { ($0 == "/" ? "" : $0) + "/" + name } ?? path
  }

  /// Whether the path is that of a folder.
  package static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
