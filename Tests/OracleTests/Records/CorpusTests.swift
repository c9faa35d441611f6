import Foundation
import Machine
import Oracle
import Support
import Testing

@Suite final class CorpusTests {
  let folder = TemporaryFolder()
  var corpus: Corpus { Corpus(path: folder.path(of: "corpus")) }

  func finding(_ recipe: String = "v1/B1-T1", ratio: Double? = 3.5) -> Finding {
    Finding(
      recipe: recipe, digest: "0123456789abcdef", implementation: "mine", expectation: .disagrees,
      kind: "wrong formula", quantity: "dk", ratio: ratio, why: "the write path of dk is missing")
  }

  @Test func `a finding reads back as it was saved, and saving is idempotent`() throws {
    let path = try corpus.save(finding(), on: .found)
    #expect(try corpus.save(finding(), on: .found) == path)
    #expect(corpus.load().entries.map(\.finding) == [finding()])
    #expect(corpus.load().problems == [])
    #expect(Folder.files(in: corpus.folder(.found)).count == 1)
  }

  @Test func `any byte that changed is noticed`() throws {
    let bytes = [UInt8](try finding().encoded())
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      #expect(throws: UnreadableFinding.self, "byte \(index)") { try Finding(decoding: Data(changed)) }
    }
    for length in bytes.indices {
      #expect(throws: UnreadableFinding.self) { try Finding(decoding: Data(bytes.prefix(length))) }
    }
  }

  @Test func `a folder of junk is told apart file by file`() throws {
    try corpus.save(finding(), on: .known)
    for index in 0..<100 {
      let junk = Data((0..<index * 10).map { UInt8(truncatingIfNeeded: $0 &* index) })
      try junk.write(to: URL(fileURLWithPath: corpus.folder(.known) + "/junk\(index)"))
    }
    try Data(count: Finding.sizeLimit + 1).write(to: URL(fileURLWithPath: corpus.folder(.known) + "/large"))
    let (entries, problems) = corpus.load()
    #expect(entries.count == 1)
    #expect(problems.count == 101)
    #expect(problems.allSatisfy { !$0.description.contains("\n") })
  }

  @Test func `a future format is named`() throws {
    var future = finding()
    future.format = 5
    #expect(throws: UnreadableFinding.futureFormat(5)) { try Finding(decoding: try future.encoded()) }
  }

  @Test func `a case cannot be saved as refused`() throws {
    var refused = finding()
    refused.expectation = .refused
    let reason = UnreadableFinding.notAFinding("\"finding.expectation\" has a value it cannot have")
    #expect(throws: reason) { try Finding(decoding: try refused.encoded()) }
  }

  @Test func `merging twice adds nothing`() throws {
    let other = Corpus(path: folder.path(of: "other"))
    try other.save(finding(), on: .found)
    try other.save(finding("v1/B1-T2"), on: .regression)
    #expect(corpus.merge(other).added.count == 2)
    #expect(corpus.merge(other).added.isEmpty)
    #expect(corpus.load().entries.count == 2)
  }

  @Test func `merging goes on after what cannot be taken over, and says so`() throws {
    let other = Corpus(path: folder.path(of: "other"))
    for size in 1...3 { try other.save(finding("v1/B1-T\(size)"), on: .known) }
    try Data("{".utf8).write(to: URL(filePath: other.folder(.known) + "/a.json"))
    // Where the second should go, something else stands.
    let blocked = corpus.folder(.known) + "/" + finding("v1/B1-T2").fileName
    try FileManager.default.createDirectory(atPath: blocked + "/x", withIntermediateDirectories: true)
    let (added, problems) = corpus.merge(other)
    #expect(added.count == 2)
    #expect(problems.count == 2)
    #expect(problems.last?.contains("B1-T2@mine.json is not taken over: ") == true)
    #expect(corpus.load().entries.map(\.finding.recipe) == ["v1/B1-T1", "v1/B1-T3"])
  }

  @Test func `folders below a shelf are part of it`() throws {
    let inner = Corpus(path: folder.path(of: "corpus/known/library"))
    let path = try inner.save(finding(), on: .found)
    let (entries, problems) = corpus.load()
    #expect(problems.isEmpty)
    #expect(entries.map(\.shelf) == [.known])
    #expect(entries.map(\.path) == [path])
    // The same case is not saved beside it.
    let other = Corpus(path: folder.path(of: "other"))
    try other.save(finding(), on: .known)
    #expect(corpus.merge(other).added.isEmpty)
    let replays = corpus.replay { _ in nil }
    #expect(replays.map(\.file) == ["known/library/found/v1+B1-T1@mine.json"])
  }

  @Test func `links that lead round in a ring, and what is no file, are a line each`() throws {
    try corpus.save(finding(), on: .known)
    let shelf = corpus.folder(.known)
    try FileManager.default.createSymbolicLink(atPath: shelf + "/ring", withDestinationPath: ".")
    try FileManager.default.createSymbolicLink(atPath: shelf + "/self", withDestinationPath: "self")
    #expect(mkfifo(shelf + "/pipe", 0o600) == 0)
    let (entries, problems) = corpus.load()
    #expect(entries.count == 1)
    #expect(problems.count == 3)
  }

  @Test(arguments: [
    "../../escape", "a/b", "..", ".", "", "a\u{0}b", "line\nbreak", "\u{1B}[2J", "ü",
    String(repeating: "x", count: 500),
  ])
  func `a name in a file never leads out of its shelf`(name: String) throws {
    for recipe in ["v1/B1-T1", "../../x", ".hidden", ""] {
      var strange = finding(recipe)
      strange.implementation = name
      let path = try corpus.save(strange, on: .known)
      #expect(
        URL(filePath: path).deletingLastPathComponent().standardized.path
          == URL(filePath: corpus.folder(.known)).standardized.path)
      #expect(!strange.fileName.contains("/") && strange.fileName.utf8.count <= 255)
      #expect(strange.fileName.allSatisfy { $0.isASCII && !$0.isWhitespace })
      #expect(try Corpus.read(path).get() == strange)
    }
    #expect(corpus.load().entries.count == 4)
  }

  @Test func `names that are written alike are told apart`() {
    var (one, other) = (finding(), finding())
    (one.implementation, other.implementation) = ("a/b", "a_b")
    #expect(one.fileName != other.fileName)
  }

  @Test func `a case that is kept is not replaced without a word`() throws {
    let path = try corpus.keep(finding(), on: .known)
    #expect(try corpus.keep(finding(), on: .known) == path)
    var other = finding()
    other.why = "another reason"
    let kept = #expect(throws: Corpus.Kept.self) { try corpus.keep(other, on: .known) }
    #expect(kept?.path == path && kept?.why == finding().why)
    let found = try corpus.save(finding(), on: .found)
    #expect(throws: Corpus.Kept.self) {
      try corpus.promote(found, to: .known, expectation: .disagrees, why: "another reason")
    }
    #expect(FileManager.default.fileExists(atPath: found))
    #expect(try Corpus.read(path).get() == finding())
  }

  @Test func `a law makes a file of format 3, and nothing else does`() throws {
    var found = finding()
    found.law = "bf16"
    found.command = "python3 worker.py"
    #expect(found.format == 3)
    #expect(try Finding(decoding: try found.encoded()) == found)
    found.format = 2
    #expect(throws: UnreadableFinding.self) { try Finding(decoding: try found.encoded()) }
  }

  @Test func `a command makes a file of format 2, and nothing else does`() throws {
    var found = finding()
    found.command = "python3 'my worker.py'"
    #expect(found.format == 2)
    let read = try Finding(decoding: try found.encoded())
    #expect(read == found)
    found.format = 1
    #expect(throws: UnreadableFinding.self) { try Finding(decoding: try found.encoded()) }
    var plain = finding()
    plain.format = 2
    #expect(throws: UnreadableFinding.self) { try Finding(decoding: try plain.encoded()) }
  }

  @Test func `evidence makes a file of format 4, and asks for no endless replay`() throws {
    var found = finding()
    found.evidence = Finding.Evidence(cases: 64)
    #expect(found.format == 4 && found.fileName != finding().fileName)
    #expect(try Finding(decoding: try found.encoded()) == found)
    found.command = "worker"
    #expect(found.format == 4)
    #expect(try Finding(decoding: try found.encoded()) == found)
    for cases in [0, -1, 1 << 20] {
      found.evidence?.cases = cases
      #expect(throws: UnreadableFinding.self) { try Finding(decoding: try found.encoded()) }
    }
    found.evidence = nil
    #expect(found.format == 2)
  }

  @Test func `prune keeps the three smallest and the worst of a signature`() throws {
    for size in 1...9 {
      try corpus.save(finding("v1/B1-T\(size)", ratio: Double(size == 7 ? 99 : size)), on: .found)
    }
    let removed = try corpus.prune { $0.recipe < $1.recipe }
    #expect(removed.count == 5)
    #expect(corpus.load().entries.map(\.finding.recipe) == ["v1/B1-T1", "v1/B1-T2", "v1/B1-T3", "v1/B1-T7"])
  }

  @Test func `prune keeps one finding of each control`() throws {
    for size in 1...4 {
      var caught = finding("v1/B1-T\(size)", ratio: Double(size))
      caught.role = .control
      try corpus.save(caught, on: .found)
    }
    try corpus.save(finding("v1/B1-T9"), on: .found)
    #expect(try corpus.prune { $0.recipe < $1.recipe }.count == 3)
    #expect(corpus.load().entries.map(\.finding.recipe) == ["v1/B1-T1", "v1/B1-T9"])
  }

  @Test func `a folder that cannot be written to is one line`() throws {
    let file = corpus.path
    try Data().write(to: URL(fileURLWithPath: file))
    let failure = #expect(throws: FileFailure.self) { try corpus.save(finding(), on: .found) }
    #expect(failure?.description == "\(file)/found: cannot make the folder: Not a directory")
  }

  @Test func `promoting moves the file and says why`() throws {
    let path = try corpus.save(finding(), on: .found)
    let target = try corpus.promote(path, to: .regression, expectation: .agrees, why: "fixed")
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(try Corpus.read(target).get().why == "fixed")
    #expect(corpus.load().entries.map(\.shelf) == [.regression])
  }
}
