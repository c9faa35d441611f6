import Foreign
import Foundation
import Machine
import Support
import Testing

@Suite struct FileTests {
  @Test func `a file comes back, and writing leaves nothing else behind`() throws {
    let folder = TemporaryFolder()
    let path = folder.path(of: "case.safetensors")
    let frame = Frame(try problem())
    try frame.write(to: path)
    try frame.write(to: path)
    #expect(try Frame(contentsOf: path) == frame)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["case.safetensors"])
  }

  @Test func `a file cut anywhere, or too long, is an error`() throws {
    let folder = TemporaryFolder()
    let path = folder.path(of: "case.safetensors")
    let whole = Frame(entries: ["x": .numbers(tensor([3]))]).encoded()
    for count in 0..<whole.count {
      try Data(whole[..<count]).write(to: URL(filePath: path))
      #expect(throws: MalformedFrame.self) { try Frame(contentsOf: path) }
    }
    try Data(whole + [0]).write(to: URL(filePath: path))
    #expect(throws: MalformedFrame.trailing(bytes: 1)) { try Frame(contentsOf: path) }
  }

  @Test func `what is not a readable file has its reason`() throws {
    let folder = TemporaryFolder()
    let missing = folder.path(of: "none.safetensors")
    #expect(throws: FileFailure(missing, "read", code: ENOENT)) {
      try Frame(contentsOf: missing)
    }
    #expect(throws: FileFailure(folder.path, "read", .notAFile(.folder))) {
      try Frame(contentsOf: folder.path)
    }
    #expect(throws: FileFailure(folder.path, "write", .notAFile(.folder))) {
      try Frame().write(to: folder.path)
    }
    #expect(throws: FileFailure(folder.path(of: "no/x"), "create a file there", code: ENOENT)) {
      try Frame().write(to: folder.path(of: "no/x"))
    }
  }
}
