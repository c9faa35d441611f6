import Foundation
import GatedDeltaRule
import Oracle
import Support
import Testing
import gdr

@Suite final class CorpusCommandTests {
  let folder = TemporaryFolder()
  let recipe = "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/f32/seed=0"

  func corpus(_ words: String...) -> (code: ExitCode, out: [String], error: [String]) {
    run(["corpus"] + words + ["--corpus", folder.path], implementations: [Stub()])
  }

  @Test func `adding a case again with another why is refused, with the why that is there`() throws {
    let words = ["add", recipe, "--only", "stub", "--to", "known", "--corpus", folder.path]
    let first = run(["corpus"] + words + ["--why", "one"])
    #expect(first.code == .nothing)
    let path = try #require(first.out.first)
    #expect(run(["corpus"] + words + ["--why", "one"]).out == [path])
    let again = run(["corpus"] + words + ["--why", "two"])
    #expect(again.code == .badFile)
    #expect(
      again.error == ["gdr: \(path): is there already, because: one; remove it to save the case anew"])
    #expect(try Corpus.read(path).get().why == "one")
  }

  @Test func `merging goes on after a folder that is none`() throws {
    let other = Corpus(path: folder.path(of: "other"))
    try other.save(
      Finding(
        recipe: recipe, digest: "0", implementation: "mine", expectation: .disagrees, why: "for tests"),
      on: .known)
    let result = corpus("merge", folder.path(of: "none"), other.path)
    #expect(result.code == .badFile)
    #expect(result.error == ["gdr: \(folder.path(of: "none")): no such folder"])
    #expect(result.out.last == "\(other.path): 1 added")
  }

  @Test func `a corpus that is not there is 65, and no empty one`() {
    let path = folder.path(of: "Corpsu")
    for verb in ["list", "check", "prune"] {
      let result = run(["corpus", verb, "--corpus", path])
      #expect(result.code == .badFile)
      #expect(result.error == ["gdr: \(path): no such folder"])
    }
  }

  @Test func `without a verb, and with one that is none, the six are named`() {
    let missing = run(["corpus"])
    #expect(missing.code == .usage)
    #expect(missing.error.count == 1)
    for verb in ["list", "check", "merge", "prune", "promote", "add"] {
      #expect(missing.error.allSatisfy { $0.contains(verb) })
    }
    #expect(run(["corpus", "lsit"]).error == ["gdr: unknown verb 'lsit'; did you mean 'list'?"])
  }

  @Test func `check reads the folders below a shelf`() throws {
    let inner = folder.path(of: "known/library")
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
    try Data("{".utf8).write(to: URL(filePath: inner + "/junk.json"))
    let result = corpus("check")
    #expect(result.code == .badFile)
    #expect(result.out == ["0 saved, 1 unreadable"])
    #expect(result.error.count == 1)
    try FileManager.default.removeItem(atPath: inner + "/junk.json")
    #expect(corpus("check").code == .nothing)
  }
}
