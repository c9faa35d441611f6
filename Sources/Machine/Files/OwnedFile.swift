import Foundation

/// A small file that a process makes and takes away again: what is left of one tells that its process was killed.
///
/// The maker holds a lock on it, which the system takes back however the process ends. Its name says who the maker is:
/// a lock that can be had proves something on one kernel only.
package final class OwnedFile: Sendable {
  /// What such files are called: a beginning, their maker, a random number and an end. They begin with a dot, so that
  /// who lists the folder passes over them.
  package struct Naming: Hashable, Sendable {
    fileprivate let prefix: String
    fileprivate let suffix: String

    package init(prefix: String, suffix: String = "") { (self.prefix, self.suffix) = (prefix, suffix) }

    /// Of files that are not finished.
    static let temporary = Naming(prefix: ".", suffix: ".tmp")

    fileprivate func next() -> String {
      "\(prefix)\(Maker.current.text)-\(UInt64.random(in: 0...UInt64.max))\(suffix)"
    }
  }

  private let path: String
  private let descriptor: Descriptor

  /// Writes it to the disk; it has its name only once it is whole.
  package init(in folder: String, named naming: Naming, holding bytes: some ContiguousBytes)
    throws(FileFailure)
  {
    let target = folder + "/" + naming.next()
    descriptor = try OwnedFile.temporary(in: folder, for: target)
    path = target
    do throws(FileFailure) {
      try descriptor.write(bytes)
      try descriptor.sync()
      guard rename(descriptor.path, target) == 0 else { throw FileFailure(target, "rename into place") }
    } catch {
      unlink(descriptor.path)
      throw error
    }
  }

  /// Takes it away.
  package func remove() { unlink(path) }

  /// An empty file that nobody else has, locked.
  ///
  /// - Parameter target: the file that a failure is said of.
  static func temporary(in folder: String, for target: String) throws(FileFailure) -> Descriptor {
    do throws(FileFailure) {
      // O_EXCL follows no link that somebody has laid there.
      let descriptor = try Descriptor(
        opening: folder + "/" + Naming.temporary.next(), O_RDWR | O_CREAT | O_EXCL,
        step: "create a file there")
      // Where there are no locks, age decides.
      _ = flock(descriptor.number, LOCK_EX | LOCK_NB)
      return descriptor
    } catch {
      throw FileFailure(target, error.step, error.cause)
    }
  }
}

extension OwnedFile {
  /// What makers that are no more left in a folder, in the order of the names: the beginning of each, of at most so
  /// many bytes. The files are removed.
  package static func takeLeftovers(in folder: String, named naming: Naming, limit: Int = 4096) -> [[UInt8]] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.sorted().compactMap { name in
      guard name.hasPrefix(naming.prefix), name.hasSuffix(naming.suffix) else { return nil }
      let middle = name.dropFirst(naming.prefix.count).dropLast(naming.suffix.count)
      let maker = middle.lastIndex(of: "-").flatMap { Maker(text: middle[..<$0]) }
      // Other programs have temporary files too.
      guard maker != nil || naming != .temporary else { return nil }
      return take(folder + "/" + name, of: maker, youth: naming == .temporary ? 60 : 0, limit)
    }
  }

  /// - Parameter youth: seconds for which it may still be without its lock.
  private static func take(_ path: String, of maker: Maker?, youth: Double, _ limit: Int) -> [UInt8]? {
    guard let file = try? Descriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, step: "read"),
      let status = try? file.status(), FileKind(mode: status.st_mode) == .file
    else { return nil }
    let age = Date().timeIntervalSince1970 - status.modified
    guard age >= youth, isAbandoned(file, maker, age) else { return nil }
    var bytes = [UInt8](repeating: 0, count: limit)
    let count =
      (try? bytes.withUnsafeMutableBytes { buffer throws(FileFailure) in try file.read(into: buffer) }) ?? 0
    unlink(path)
    return Array(bytes.prefix(count))
  }

  /// Whether its maker has gone. Of another computer nobody can say; no work on one file takes a day.
  private static func isAbandoned(_ file: borrowing Descriptor, _ maker: Maker?, _ age: Double) -> Bool {
    let isOld = age >= 86_400
    guard let maker else { return isOld }
    guard maker.boot == Maker.current.boot else { return isOld || maker.host == Maker.current.host }
    if flock(file.number, LOCK_EX | LOCK_NB) == 0 { return true }
    return errno != EWOULDBLOCK && isOld
  }
}

extension stat {
  /// When it was last written to, in seconds since 1970.
  fileprivate var modified: Double {
    #if canImport(Darwin)
      Double(st_mtimespec.tv_sec)
    #else
      Double(st_mtim.tv_sec)
    #endif
  }
}
