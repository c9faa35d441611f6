import Foundation
import Support
import Testing
import gdr

@Suite final class VersionTests {
  let folder = TemporaryFolder()
  private let first = String(repeating: "a1", count: 20)
  private let second = String(repeating: "b2", count: 20)

  @Test func `the version is said in four ways`() {
    let long = run(["version"])
    #expect(long.code == .nothing)
    #expect(long.out.count == 4)
    for words in [["-v"], ["--version"]] {
      let short = run(words)
      #expect(short.code == .nothing)
      #expect(short.out.count == 1 && short.out[0].hasPrefix(long.out[0]))
    }
    #expect(long.out[0] == run(["help"]).out[0].prefix { $0 != ":" })
  }

  /// A working tree whose HEAD has moved twice, the last time at 2,000 s.
  private func makeTree(git: String = ".git") throws {
    for name in ["\(git)/logs", ".build/release"] {
      try FileManager.default.createDirectory(
        atPath: folder.path(of: name), withIntermediateDirectories: true)
    }
    let log = [(String(repeating: "0", count: 40), first), (first, second)].map {
      "\($0) \($1) A B <a@b> 2000 +0000\tcommit: text\n"
    }.joined()
    try folder.write(Data(log.utf8), to: "\(git)/logs/HEAD")
    try set("\(git)/logs/HEAD", 2000)
    try folder.write(Data("program".utf8), to: ".build/release/gdr")
  }

  private func set(_ name: String, _ seconds: Double) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: folder.path(of: name))
  }

  private func revision(_ program: String = ".build/release/gdr") -> Checkout.Revision {
    // As the compiler and the system name them: without links.
    let root = folder.path.resolvingLinks
    return Checkout.revision(
      of: "\(root)/\(program)", from: "\(root)/Sources/gdr/Commands/Version/Checkout.swift")
  }

  @Test func `a program that was linked after HEAD moved last is of that revision`() throws {
    try makeTree()
    try set(".build/release/gdr", 2001)
    #expect(revision() == .built(second))
    #expect(revision().digits == "b2b2b2b2b2b2")
  }

  @Test func `a program from before says that it does not know`() throws {
    try makeTree()
    try set(".build/release/gdr", 1999)
    #expect(revision().digits == nil)
  }

  @Test func `a working tree beside the first has its own HEAD`() throws {
    try makeTree(git: "elsewhere")
    try folder.write(Data("gitdir: \(folder.path)/elsewhere\n".utf8), to: ".git")
    try set(".build/release/gdr", 2001)
    #expect(revision() == .built(second))
  }

  @Test func `a copy, and a tree without Git, say that they do not know`() throws {
    try makeTree(git: "elsewhere")
    #expect(revision().digits == nil)
    try makeTree()
    #expect(revision("gdr").digits == nil)
  }

  @Test func `a log that is none says nothing`() throws {
    try makeTree()
    for text in ["", "\n", "one two\n", "\(first)\n"] {
      try folder.write(Data(text.utf8), to: ".git/logs/HEAD")
      try set(".git/logs/HEAD", 2000)
      #expect(revision().digits == nil, "\(text)")
    }
  }
}

extension String {
  fileprivate var resolvingLinks: String { URL(filePath: self).resolvingSymlinksInPath().path }
}
