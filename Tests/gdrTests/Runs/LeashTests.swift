import Foundation
import Support
import Testing

import Machine

/// The tool as another process.
@Suite struct LeashTests {
  @Test func `a worker that hangs ends with a tool that is killed`() throws {
    let folder = TemporaryFolder()
    let note = folder.path(of: "number")
    let gdr = Process()
    gdr.executableURL = Products.folder.appending(path: "gdr")
    gdr.arguments = ["conform", "echo $$ > '\(note)'; exec sleep 600"]
    (gdr.standardOutput, gdr.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try gdr.run()
    defer { kill(gdr.processIdentifier, SIGKILL) }
    var worker: pid_t?
    for _ in 0..<500 where worker == nil {
      usleep(20_000)
      worker = (try? String(contentsOfFile: note, encoding: .utf8)).flatMap {
        $0.hasSuffix("\n") ? pid_t($0.dropLast()) : nil
      }
    }
    let process = try #require(worker)
    #expect(kill(process, 0) == 0)
    kill(gdr.processIdentifier, SIGKILL)
    var isGone = false
    for _ in 0..<500 where !isGone {
      usleep(20_000)
      isGone = kill(process, 0) != 0 && errno == ESRCH
    }
    #expect(isGone)
  }
}
