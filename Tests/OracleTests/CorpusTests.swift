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
    future.format = 2
    #expect(throws: UnreadableFinding.futureFormat(2)) { try Finding(decoding: try future.encoded()) }
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
    #expect(try corpus.merge(other).added.count == 2)
    #expect(try corpus.merge(other).added.isEmpty)
    #expect(corpus.load().entries.count == 2)
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
