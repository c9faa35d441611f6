import Foundation
import Machine
import Support
import Testing

@Suite struct AtomicFileTests {
  let bytes = Data("whole\n".utf8)

  func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func `a file is replaced, and nothing stays beside it`() throws {
    let folder = TemporaryFolder()
    let path = folder.path(of: "file")
    for text in ["one", "two"] { try AtomicFile.write(Data(text.utf8), to: path) }
    #expect(try RegularFile.contents(of: path, limit: 100) == Data("two".utf8))
    #expect(try names(in: folder.path) == ["file"])
  }

  @Test func `the mode of a file that is there is kept`() throws {
    let folder = TemporaryFolder()
    let path = try folder.write(Data(), to: "file")
    for mode: mode_t in [0o600, 0o640, 0o755] {
      #expect(chmod(path, mode) == 0)
      try AtomicFile.write(bytes, to: path)
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == mode)
    }
  }

  @Test func `a link is followed, to a file that is there or is not`() throws {
    let folder = TemporaryFolder()
    #expect(mkdir(folder.path(of: "far"), 0o755) == 0)
    #expect(symlink("far/file", folder.path(of: "link")) == 0)
    #expect(symlink(folder.path(of: "link"), folder.path(of: "second")) == 0)
    for _ in 0..<2 {
      try AtomicFile.write(bytes, to: folder.path(of: "second"))
      #expect(try names(in: folder.path) == ["far", "link", "second"])
      #expect(try names(in: folder.path(of: "far")) == ["file"])
      #expect(try RegularFile.contents(of: folder.path(of: "far/file"), limit: 100) == bytes)
    }
  }

  @Test func `what is no regular file is left alone`() throws {
    let folder = TemporaryFolder()
    let pipe = folder.path(of: "pipe")
    let ring = folder.path(of: "ring")
    let device = folder.path(of: "device")
    #expect(mkfifo(pipe, 0o644) == 0 && symlink("ring", ring) == 0 && symlink("/dev/null", device) == 0)
    let reasons: [(String, FileFailure.Reason)] = [
      (pipe, .notAFile(.pipe)), (ring, .system(code: ELOOP)), (device, .notAFile(.device)),
      ("/dev/null", .notAFile(.device)), (folder.path, .notAFile(.folder)),
    ]
    for (path, cause) in reasons {
      let failure = #expect(throws: FileFailure.self) { try AtomicFile.write(bytes, to: path) }
      #expect(failure?.cause == cause && failure?.path == path)
    }
    var status = stat()
    #expect(lstat(pipe, &status) == 0 && FileKind(mode: status.st_mode) == .pipe)
    #expect(lstat(device, &status) == 0 && FileKind(mode: status.st_mode) == .link)
    #expect(stat("/dev/null", &status) == 0 && FileKind(mode: status.st_mode) == .device)
    #expect(try names(in: folder.path) == ["device", "pipe", "ring"])
  }

  @Test func `a folder is made, and what is none is said`() throws {
    let folder = TemporaryFolder()
    try AtomicFile.makeFolder(folder.path(of: "a/b/c"))
    #expect(try names(in: folder.path(of: "a/b")) == ["c"])
    let file = try folder.write(Data(), to: "file")
    for path in [file, file + "/below"] {
      let failure = #expect(throws: FileFailure.self) { try AtomicFile.makeFolder(path) }
      #expect(failure?.cause == .system(code: ENOTDIR))
    }
  }

  @Test func `the temporary files of killed runs are removed, those of others are not`() throws {
    let folder = TemporaryFolder()
    let hour = Date(timeIntervalSinceNow: -3600)
    func leave(_ name: String, _ date: Date) throws {
      let path = try folder.write(bytes, to: name)
      try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
    }
    // What this very computer calls its files shows in one that it keeps.
    let kept = try OwnedFile(in: folder.path, named: .init(prefix: ".kept-"), holding: bytes)
    let maker = try #require(names(in: folder.path).first).dropFirst(".kept-".count)
    kept.remove()
    try leave(".\(maker).tmp", hour)
    try leave(".\(maker)0.tmp", Date())
    try leave(".0-0-1-1.tmp", hour)
    try leave(".0-0-1-2.tmp", Date(timeIntervalSinceNow: -100_000))
    try leave(".mine.tmp", Date(timeIntervalSinceNow: -100_000))
    AtomicFile.removeLeftovers(in: folder.path)
    #expect(try names(in: folder.path) == [".\(maker)0.tmp", ".0-0-1-1.tmp", ".mine.tmp"].sorted())
  }
}

@Suite struct PlaceTests {
  @Test(arguments: [
    ("x", ".", "x"), (".", ".", "."), ("", ".", ""), ("/", "/", ""), ("///", "/", ""), ("/x", "/", "x"),
    ("a/b", "a", "b"), ("a/b//", "a", "b"), ("/a/b", "/a", "b"), ("é/\u{301}", "é", "\u{301}"),
    ("./x", ".", "x"),
  ])
  func `a path is a folder and a name`(path: String, folder: String, name: String) {
    let place = Folder.place(of: path)
    #expect(place.folder == folder)
    #expect(place.name == name)
  }
}
