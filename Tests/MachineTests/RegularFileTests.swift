import Foundation
import Machine
import Support
import Testing

@Suite struct RegularFileTests {
  @Test func `a file has its bytes, and a limit`() throws {
    let folder = TemporaryFolder()
    let bytes = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0) })
    let path = try folder.write(bytes, to: "file")
    #expect(try RegularFile.contents(of: path, limit: 200_000) == bytes)
    #expect(throws: FileFailure(path, "read", .tooLarge(limit: 199_999))) {
      try RegularFile.contents(of: path, limit: 199_999)
    }
    let file = try RegularFile(path)
    #expect(file.size == 200_000)
    #expect(try file.read(199_999).count == 199_999)
    #expect(try file.read(10) == [bytes.last!])
    #expect(try file.read(10) == [])
  }

  /// Opening any of these blocks, or does something to it, where nobody looks before.
  @Test(.timeLimit(.minutes(1)))
  func `what is no regular file is an error at once`() throws {
    let folder = TemporaryFolder()
    let pipe = folder.path(of: "pipe")
    let ring = folder.path(of: "ring")
    #expect(mkfifo(pipe, 0o644) == 0 && symlink("ring", ring) == 0)
    let reasons: [(String, FileFailure.Reason)] = [
      (pipe, .notAFile(.pipe)), (ring, .system(code: ELOOP)), ("/dev/zero", .notAFile(.device)),
      (folder.path, .notAFile(.folder)), (folder.path(of: "none"), .system(code: ENOENT)),
      ("", .system(code: ENOENT)),
    ]
    for (path, cause) in reasons {
      #expect(throws: FileFailure(path, "read", cause)) { try RegularFile.contents(of: path, limit: 100) }
      guard path != folder.path(of: "none") else { continue }
      #expect(throws: FileFailure(path, "write", cause)) { try AppendedFile(path) }
    }
  }

  @Test func `a file grows at its end`() throws {
    let folder = TemporaryFolder()
    let path = folder.path(of: "file")
    for text in ["one\n", "two\n"] { try AppendedFile(path).append(Data(text.utf8)) }
    #expect(try RegularFile.contents(of: path, limit: 100) == Data("one\ntwo\n".utf8))
  }

  @Test func `a last line without an end is ended first`() throws {
    let folder = TemporaryFolder()
    let path = try folder.write(Data("one".utf8), to: "file")
    try AppendedFile(path).append(Data("two\n".utf8))
    #expect(try RegularFile.contents(of: path, limit: 100) == Data("one\ntwo\n".utf8))
  }

  @Test func `two paths of one file are one real path`() throws {
    let folder = TemporaryFolder()
    let path = try folder.write(Data("one".utf8), to: "file")
    let link = folder.path(of: "link")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder.path)
    #expect(Folder.realPath(of: link + "/./file") == Folder.realPath(of: path))
    #expect(Folder.realPath(of: link + "/none") == Folder.realPath(of: folder.path(of: "none")))
    #expect(Folder.realPath(of: path) != Folder.realPath(of: folder.path(of: "none")))
  }
}
