import Foreign
import Foundation
import Testing

@Suite struct FileTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "gdr-\(UUID().uuidString)").path

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  @Test func `a file comes back, and writing leaves nothing else behind`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/case.safetensors"
    let frame = Frame(try problem())
    try frame.write(to: path)
    try frame.write(to: path)
    #expect(try Frame(contentsOf: path) == frame)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["case.safetensors"])
  }

  @Test func `a file cut anywhere, or too long, is an error`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/case.safetensors"
    let whole = Frame(entries: ["x": .numbers(tensor([3]))]).encoded()
    for count in 0..<whole.count {
      try Data(whole[..<count]).write(to: URL(filePath: path))
      #expect(throws: MalformedFrame.self) { try Frame(contentsOf: path) }
    }
    try Data(whole + [0]).write(to: URL(filePath: path))
    #expect(throws: MalformedFrame.trailing(bytes: 1)) { try Frame(contentsOf: path) }
  }

  @Test func `what is not a readable file has its reason`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let missing = "\(folder)/none.safetensors"
    #expect(throws: FileFailure.system(operation: "read", path: missing, code: ENOENT)) {
      try Frame(contentsOf: missing)
    }
    #expect(throws: FileFailure.notAFile(path: folder)) { try Frame(contentsOf: folder) }
    #expect(throws: FileFailure.notAFile(path: folder)) { try Frame().write(to: folder) }
    #expect(throws: FileFailure.system(operation: "write", path: "\(folder)/no/x", code: ENOENT)) {
      try Frame().write(to: "\(folder)/no/x")
    }
  }
}
