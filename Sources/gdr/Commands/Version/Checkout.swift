import Foundation
import Machine

/// The working tree of Git that this program was built in, as far as its files say so: Git itself is not asked.
package enum Checkout {
  /// What is known of the revision of the sources.
  package enum Revision: Hashable, Sendable {
    /// That which was checked out when the program was linked. What was changed and not committed is not seen.
    case built(String)
    /// Why it is not known, in a clause.
    case unknown(String)

    /// Twelve digits; nil where it is not known.
    package var digits: String? {
      if case .built(let digits) = self { String(digits.prefix(12)) } else { nil }
    }
  }

  /// That of this program.
  package static let revision =
    Executable.path.map { revision(of: Folder.realPath(of: $0), from: #filePath) }
    ?? .unknown("the system does not say where this program lies")

  /// That of a program.
  ///
  /// - Parameters:
  ///   - program: its path without links.
  ///   - source: a file of its sources, as the compiler saw its path.
  package static func revision(of program: String, from source: String) -> Revision {
    let folders = source.split(separator: "/").dropLast(5)
    let root = Folder.realPath(of: "/" + folders.joined(separator: "/"))
    guard program.hasPrefix(root + "/.build") else {
      return .unknown("this program does not lie where it was built")
    }
    guard let log = gitFolder(of: root).map({ $0 + "/logs/HEAD" }), let moved = time(of: log),
      let digits = lastRevision(log)
    else { return .unknown("it was built outside of a working tree of Git") }
    guard let linked = time(of: program), linked >= moved else {
      return .unknown("another revision was checked out since this program was built")
    }
    return .built(digits)
  }

  /// Where Git keeps what belongs to a working tree: `.git`, or what a file of that name leads to.
  private static func gitFolder(of root: String) -> String? {
    let path = root + "/.git"
    if Folder.isFolder(path) { return path }
    guard let text = try? String(contentsOfFile: path, encoding: .utf8), text.hasPrefix("gitdir: ") else {
      return nil
    }
    let target = text.dropFirst(8).trimmingCharacters(in: .whitespacesAndNewlines)
    return target.hasPrefix("/") ? target : root + "/" + target
  }

  /// To which revision HEAD moved last: the second word of the last line of its log.
  private static func lastRevision(_ log: String) -> String? {
    let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    let words = text.split(separator: "\n").last?.split(separator: " ") ?? []
    guard words.count > 1, words[1].count >= 40, words[1].allSatisfy(\.isHexDigit) else { return nil }
    return String(words[1])
  }

  private static func time(of path: String) -> Date? {
    (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
  }
}
