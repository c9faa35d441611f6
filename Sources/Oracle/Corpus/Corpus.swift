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

  /// Every file of the shelves and of the folders in them, in the order of their names; what cannot be read is told
  /// apart, never skipped in silence.
  package func load(_ shelves: [Shelf] = Shelf.allCases) -> (entries: [Entry], problems: [Problem]) {
    var entries: [Entry] = []
    var problems: [Problem] = []
    for shelf in shelves where Folder.isFolder(folder(shelf)) {
      for path in Folder.filesBelow(folder(shelf)) {
        switch Corpus.read(path) {
        case .success(let finding): entries.append(Entry(shelf: shelf, path: path, finding: finding))
        case .failure(let reason): problems.append(Problem(path: path, reason: reason))
        }
      }
    }
    return (entries, problems)
  }

  /// The shelf that a file stands on, by the names of folders; nil for a file that stands on none.
  ///
  /// - Parameter place: the file, or a folder that it lies below: folders of a shelf may have the name of another.
  package static func shelf(of path: String, below place: String) -> Shelf? {
    func shelves(_ path: some StringProtocol) -> [Shelf] {
      path.split(separator: "/").compactMap { Shelf(rawValue: String($0)) }
    }
    return shelves(path.dropFirst(place.count)).first
      ?? shelves(URL(filePath: place).standardizedFileURL.path).last
  }

  /// One file.
  package static func read(_ path: String) -> Result<Finding, UnreadableFinding> {
    do throws(FileFailure) {
      let data = try RegularFile.contents(of: path, limit: Finding.sizeLimit)
      return Result { () throws(UnreadableFinding) in try Finding(decoding: data) }
    } catch {
      return .failure(.unreadable(String(error.reason.trimmingPrefix("cannot read: "))))
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
    try AtomicFile.write(try finding.fitting().encoded(), to: target)
    return target
  }

  /// A file of this name on a shelf, in whichever of its folders; nil if there is none.
  private func file(named name: String, on shelf: Shelf) -> String? {
    Folder.filesBelow(folder(shelf)).first { $0.hasSuffix("/" + name) }
  }

  /// Takes over what another corpus has found; idempotent. What cannot be read or saved does not keep the others back.
  ///
  /// - Returns: the paths that are new here, and a line for each file that could not be taken over.
  package func merge(_ other: Corpus) -> (added: [String], problems: [String]) {
    let (entries, unreadable) = other.load()
    var (added, problems) = ([String](), unreadable.map(\.description))
    let there = Set(
      Shelf.allCases.flatMap { shelf in
        Folder.filesBelow(folder(shelf)).map { shelf.rawValue + "/" + ($0.split(separator: "/").last ?? "") }
      })
    for entry in entries where !there.contains(entry.shelf.rawValue + "/" + entry.finding.fileName) {
      do {
        added.append(try save(entry.finding, on: entry.shelf))
      } catch {
        problems.append("\(entry.path) is not taken over: \(error)")
      }
    }
    return (added, problems)
  }

  /// The findings to keep: of those in one implementation, with one command and law, of one kind and result, the three
  /// smallest and the worst; of every control the smallest.
  package static func kept(_ findings: [Entry], simpler: (Finding, Finding) -> Bool) -> [Entry] {
    var kept: Set<Entry> = []
    let controls = findings.filter { $0.finding.role == .control }
    for (_, group) in Dictionary(grouping: controls, by: \.finding.implementation) {
      if let smallest = group.min(by: { simpler($0.finding, $1.finding) }) { kept.insert(smallest) }
    }
    let others = findings.filter { $0.finding.role == nil }
    let alike = Dictionary(grouping: others) {
      [
        $0.finding.implementation, $0.finding.command, $0.finding.law, $0.finding.kind, $0.finding.quantity,
      ]
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
  /// - Parameter mayRemove: asked of each of them; by default any may go.
  /// - Returns: the paths removed.
  package func prune(
    simpler: (Finding, Finding) -> Bool, mayRemove: (Entry) -> Bool = { _ in true }
  ) throws -> [String] {
    let (found, _) = load([.found])
    let keep = Set(Corpus.kept(found, simpler: simpler))
    let removed = found.filter { !keep.contains($0) && mayRemove($0) }.map(\.path)
    // Another run on the same folder may have been there first.
    for path in removed where unlink(path) != 0 && errno != ENOENT {
      throw FileFailure(path, "remove it")
    }
    return removed
  }

  /// Moves a finding to a shelf that is kept, with the sentence that says why it is there.
  ///
  /// - Throws: `Kept` if that shelf has the case already, for another reason.
  package func promote(_ path: String, to shelf: Shelf, expectation: Grade, why: String) throws -> String {
    var finding = try Corpus.read(path).get()
    finding.expectation = expectation
    finding.why = why
    let target = try keep(finding, on: shelf)
    if target != path, unlink(path) != 0 { throw FileFailure(path, "remove it") }
    return target
  }

  /// Saves a case with the sentence that says why; one that is there already is never replaced.
  ///
  /// - Throws: `Kept` if it is there already, for another reason or with another expectation.
  package func keep(_ finding: Finding, on shelf: Shelf) throws -> String {
    guard let path = file(named: finding.fileName, on: shelf) else { return try save(finding, on: shelf) }
    let old = Corpus.read(path)
    guard case .success(finding) = old else { throw Kept(path: path, why: (try? old.get())?.why) }
    return path
  }

  /// A case that is saved already.
  package struct Kept: Error, Hashable, Sendable, CustomStringConvertible {
    /// Its file.
    package let path: String
    /// Why it is kept; nil if the file cannot be read.
    package let why: String?
    /// One clause.
    package var description: String {
      "is there already, " + (why.map { "because: \($0)" } ?? "and cannot be read")
        + "; remove it to save the case anew"
    }
  }
}
