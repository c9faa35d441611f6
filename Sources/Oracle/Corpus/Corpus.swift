import Foundation
import Machine

/// A folder of saved cases, one small file each.
///
/// - `regression/`: must pass, every bug that was found and fixed.
/// - `known/`: must still fail as recorded; one that starts passing is an alarm too.
/// - `found/`: new, until a person promotes it.
package struct Corpus: Sendable {
  /// The shelves.
  package enum Shelf: String, Hashable, Sendable, CaseIterable {
    case regression
    case known
    case found
  }

  /// A saved case and where it stands.
  package struct Entry: Hashable, Sendable {
    /// Which shelf.
    package let shelf: Shelf
    /// The file's path.
    package let path: String
    /// What it holds.
    package let finding: Finding
  }

  /// A file that cannot be read, and why.
  package struct Problem: Hashable, Sendable, CustomStringConvertible {
    /// The file's path.
    package let path: String
    /// One clause.
    package let reason: UnreadableFinding
    /// One line for a person.
    package var description: String { "\(path) \(reason)" }
  }

  /// The folder.
  package let path: String

  /// Nothing is read until asked for.
  package init(path: String) { self.path = path }

  /// The folder of one shelf.
  package func folder(_ shelf: Shelf) -> String { path + "/" + shelf.rawValue }

  /// Every file of the shelves, in the order of their names; what cannot be read is told apart, never skipped in
  /// silence.
  package func load(_ shelves: [Shelf] = Shelf.allCases) -> (entries: [Entry], problems: [Problem]) {
    var entries: [Entry] = []
    var problems: [Problem] = []
    for shelf in shelves {
      for path in Folder.files(in: folder(shelf)) {
        switch Corpus.read(path) {
        case .success(let finding): entries.append(Entry(shelf: shelf, path: path, finding: finding))
        case .failure(let reason): problems.append(Problem(path: path, reason: reason))
        }
      }
    }
    return (entries, problems)
  }

  /// One file.
  package static func read(_ path: String) -> Result<Finding, UnreadableFinding> {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      return .failure(.unreadable("no such file"))
    }
    defer { try? handle.close() }
    do {
      // One byte more than a finding may have shows that it has too many.
      let data = try handle.read(upToCount: Finding.sizeLimit + 1) ?? Data()
      return .success(try Finding(decoding: data))
    } catch let reason as UnreadableFinding {
      return .failure(reason)
    } catch {
      return .failure(.unreadable("\(error.localizedDescription)"))
    }
  }

  /// Saves a case; saving it twice is saving it once.
  ///
  /// - Returns: the file's path.
  @discardableResult
  package func save(_ finding: Finding, on shelf: Shelf) throws -> String {
    let folder = folder(shelf)
    try AtomicFile.makeFolder(folder)
    let target = folder + "/" + finding.fileName
    try AtomicFile.write(try finding.encoded(), to: target)
    return target
  }

  /// Takes over what another corpus has found; idempotent.
  ///
  /// - Returns: the paths that are new here, and the files there that cannot be read.
  package func merge(_ other: Corpus) throws -> (added: [String], problems: [Problem]) {
    let (entries, problems) = other.load()
    var added: [String] = []
    for entry in entries {
      let target = folder(entry.shelf) + "/" + entry.finding.fileName
      guard !FileManager.default.fileExists(atPath: target) else { continue }
      added.append(try save(entry.finding, on: entry.shelf))
    }
    return (added, problems)
  }

  /// The findings to keep: of those in one implementation, of one kind and result, the three smallest and the worst; of
  /// every control the smallest.
  package static func kept(_ findings: [Entry], simpler: (Finding, Finding) -> Bool) -> [Entry] {
    var kept: Set<Entry> = []
    let controls = findings.filter { $0.finding.role == .control }
    for (_, group) in Dictionary(grouping: controls, by: \.finding.implementation) {
      if let smallest = group.min(by: { simpler($0.finding, $1.finding) }) { kept.insert(smallest) }
    }
    let others = findings.filter { $0.finding.role == nil }
    let alike = Dictionary(grouping: others) {
      [$0.finding.implementation, $0.finding.kind, $0.finding.quantity]
    }
    for group in alike.values {
      kept.formUnion(group.sorted { simpler($0.finding, $1.finding) }.prefix(3))
      if let worst = group.max(by: { ($0.finding.ratio ?? .infinity) < ($1.finding.ratio ?? .infinity) }) {
        kept.insert(worst)
      }
    }
    return findings.filter(kept.contains)
  }

  /// Removes what `kept` would not keep of the found.
  ///
  /// - Returns: the paths removed.
  package func prune(simpler: (Finding, Finding) -> Bool) throws -> [String] {
    let (found, _) = load([.found])
    let keep = Set(Corpus.kept(found, simpler: simpler))
    let removed = found.filter { !keep.contains($0) }.map(\.path)
    // Another run on the same folder may have been there first.
    for path in removed where unlink(path) != 0 && errno != ENOENT {
      throw FileFailure(path, "remove it")
    }
    return removed
  }

  /// Moves a finding to a shelf that is kept, with the sentence that says why it is there.
  package func promote(_ path: String, to shelf: Shelf, expectation: Grade, why: String) throws
    -> String
  {
    var finding = try Corpus.read(path).get()
    finding.expectation = expectation
    finding.why = why
    let target = try save(finding, on: shelf)
    if target != path { try FileManager.default.removeItem(atPath: path) }
    return target
  }
}
