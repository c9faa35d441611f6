import Foundation
import Support
import Testing
import gdr

@Suite struct TemplateTests {
  @Test(arguments: [
    ("python", "worker.py"), ("python-session", "session.py"), ("torch", "torch_worker.py"),
    ("swift", "worker.swift"), ("cpp", "worker.cpp"),
  ])
  func `init-worker prints the file as it stands`(language: String, name: String) throws {
    let file = try String(
      contentsOfFile: Repository.path + "/Sources/gdr/Workers/\(name)", encoding: .utf8)
    let printed = run(["init-worker", language]).out
    #expect(printed.map { $0 + "\n" }.joined() == file)
  }

  @Test(arguments: ["python", "python-session", "torch", "swift", "cpp"])
  func `a worker to begin with is printed`(language: String) {
    let (code, out, _) = run(["init-worker", language])
    #expect(code == .nothing)
    #expect(out.joined().contains("gdr fuzz --against"))
  }
}

/// The templates before their compilers.
@Suite struct TemplateCompilationTests {
  @Test(arguments: [
    ("swift", ["swiftc", "-typecheck", "-swift-version", "6", "main.swift", "-I"]),
    ("cpp", ["clang++", "-std=c++17", "-Wall", "-Werror", "-fsyntax-only", "-x", "c++", "main.swift", "-I"]),
  ])
  func `a template compiles`(language: String, command: [String]) throws {
    let folder = TemporaryFolder()
    let template = try #require(WorkerTemplate.all.first { $0.language == language })
    try folder.write(Data(template.text.utf8), to: "main.swift")
    let compiler = try Tool(
      command + [Products.folder.appending(path: "Modules").path], in: folder.path)
    #expect(compiler.status == 0, "\(compiler.complaints)")
  }
}

/// A program that was run to its end.
struct Tool {
  let status: Int32
  /// What it wrote to its standard error.
  let complaints: String

  init(_ command: [String], in folder: String) throws {
    let program = Process()
    program.executableURL = URL(filePath: "/usr/bin/env")
    program.arguments = command
    program.currentDirectoryURL = URL(filePath: folder)
    let pipe = Pipe()
    program.standardError = pipe
    try program.run()
    complaints = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    program.waitUntilExit()
    status = program.terminationStatus
  }
}

/// Where the tests and what they test were built.
enum Products {
  static let folder =
    (Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL.deletingLastPathComponent())
    ?? Bundle.main.bundleURL
}
