import Foreign
import Foundation
import GatedDeltaRule
import Machine
import Support
import Testing

@Suite struct InFlightTests {
  /// Says what lies in the folder, as an error.
  private func worker(_ folder: String) throws -> FaultyWorker {
    try FaultyWorker(
      """
      if n == 1: reply['error'] = '+'.join(p[:11] + open('\(folder)/' + p).read() for p in os.listdir('\(folder)'))
      """)
  }

  private func names(_ folder: borrowing TemporaryFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func `a recipe is noted while it is evaluated`() throws {
    let folder = TemporaryFolder()
    let worker = try worker(folder.path)
    let inFlight = InFlight(folder: folder.path)
    let program = Program(name: "noting", command: worker.command, inFlight: inFlight)
    let error = #expect(throws: Breakdown.self) {
      try program.evaluate(.zeros(), request: Request(recipe: "v1/the/recipe"))
    }
    #expect(error?.description.hasSuffix(".in-flight-v1/the/recipe") == true)
    #expect(try names(folder) == [])
  }

  @Test func `a folder that cannot be written to is no fault of the worker`() throws {
    let worker = try FaultyWorker("pass")
    let program = Program(
      name: "fine", command: worker.command, inFlight: InFlight(folder: "/dev/null/folder"))
    #expect(throws: Never.self) { try program.evaluate(.zeros(), request: Request(recipe: "v1")) }
  }

  @Test func `what a killed process was at is told once`() async throws {
    let folder = TemporaryFolder()
    let path = folder.path
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      _ = try OwnedFile(
        in: path, named: .init(prefix: ".in-flight-"), holding: Data("v1/a\u{1B}[31m::error::b\n".utf8))
      kill(getpid(), SIGKILL)
    }
    let inFlight = InFlight(folder: folder.path)
    #expect(inFlight.takeLeftovers() == ["v1/a [31m::error::b"])
    #expect(inFlight.takeLeftovers() == [])
    #expect(try names(folder) == [])
  }

  /// Another container of the same kernel has another name and other process numbers, some of which nobody has here.
  @Test func `what a live process holds is left alone, wherever it runs`() throws {
    let folder = TemporaryFolder()
    let held = try OwnedFile(
      in: folder.path, named: .init(prefix: ".in-flight-"), holding: Data("v1/held".utf8))
    let name = try #require(names(folder).first)
    let parts = name.dropFirst(".in-flight-".count).split(separator: "-")
    let elsewhere = ".in-flight-0123456789abcdef-\(parts[1])-2147483647-\(parts[3])"
    #expect(rename(folder.path(of: name), folder.path(of: elsewhere)) == 0)
    #expect(InFlight(folder: folder.path).takeLeftovers() == [])
    #expect(try names(folder) == [elsewhere])
    withExtendedLifetime(held) {}
  }

  @Test func `of another computer nobody knows before a day has passed`() throws {
    let folder = TemporaryFolder()
    let path = try folder.write(Data("v1/far".utf8), to: ".in-flight-0-0-1-1")
    let inFlight = InFlight(folder: folder.path)
    #expect(inFlight.takeLeftovers() == [])
    let yesterday = Date(timeIntervalSinceNow: -90_000)
    try FileManager.default.setAttributes([.modificationDate: yesterday], ofItemAtPath: path)
    #expect(inFlight.takeLeftovers() == ["v1/far"])
  }

  @Test func `what is planted is neither followed nor waited for`() throws {
    let folder = TemporaryFolder()
    let target = try folder.write(Data("precious".utf8), to: "target")
    let yesterday = Date(timeIntervalSinceNow: -90_000)
    try FileManager.default.setAttributes([.modificationDate: yesterday], ofItemAtPath: target)
    #expect(symlink("target", folder.path(of: ".in-flight-0-0-1-1")) == 0)
    #expect(mkfifo(folder.path(of: ".in-flight-0-0-1-2"), 0o644) == 0)
    #expect(mkdir(folder.path(of: ".in-flight-0-0-1-3"), 0o755) == 0)
    #expect(InFlight(folder: folder.path).takeLeftovers() == [])
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "precious")
  }
}
