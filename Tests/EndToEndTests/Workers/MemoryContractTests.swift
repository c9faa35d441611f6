import Foreign
import Foundation
import Generator
import Oracle
import Support
import Testing

/// The libraries of Fixtures/workers/memory, by which a worker watches the memory of its kernel.
@Suite struct MemoryContractTests {
  static let folder = Repository.path + "/Fixtures/workers/memory"
  static let hasNumpy = (try? shell("python3 -c 'import numpy'").status) == 0
  static let hasCompilers = (try? shell("command -v cc && command -v c++").status) == 0

  /// What a command comes to; the tests go on meanwhile.
  static func shell(_ command: String) throws -> (status: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  @Test(.enabled(if: hasNumpy, "python3 has no numpy"))
  func `every faulty kernel is seen and named in Python, and the honest ones have nothing`() throws {
    let result = try MemoryContractTests.shell(
      "python3 -m unittest discover -t '\(MemoryContractTests.folder)/..' -s '\(MemoryContractTests.folder)/tests'"
    )
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("OK"))
  }

  @Test(
    .enabled(if: hasCompilers, "no compilers of C and C++"),
    arguments: [
      "cc -std=c99 -x c", "c++ -std=c++17 -x c++",
    ])
  func `loops are seen and named in C and in C++`(compiler: String) throws {
    let folder = TemporaryFolder()
    let program = folder.path + "/mutants"
    let result = try MemoryContractTests.shell(
      "\(compiler) -Wall -Wextra -Werror '\(MemoryContractTests.folder)/mutants.c' "
        + "-o '\(program)' && '\(program)'")
    #expect(result.status == 0, "\(result.output)")
  }

  /// Of each kind of fault one: what a run finds is of memory, and so is what it is reduced to.
  @Test(
    .enabled(if: hasNumpy, "python3 has no numpy"),
    arguments: [
      ("fla-1135", "read what is past Dk of g"), ("fla-npu-b418aa20", "of dq unwritten"),
      ("fla-807", "past the end of dq"), ("fla-670f5706", "changed its input beta"),
      ("vllm-34306", "before pool_out"), ("honest", nil), ("honest-engine", nil),
    ] as [(String, String?)])
  func `a run finds it, and reduces it`(name: String, words: String?) throws {
    let command = "python3 '\(MemoryContractTests.folder)/mutants.py' \(name)"
    var plan = Campaign.Plan.small(
      [Program(name: "m", command: command)], seed: 3, cases: words == nil ? 12 : 48)
    plan.profile.families = [try Family("Hk1-Hv2-Dk5-Dv3/f32")]
    (plan.shrunkPerSignature, plan.profile.sessionShare) = (1, 0)
    let summary = try plan.run()
    let memory = summary.findings.filter { $0.finding.kind == "memory" }
    #expect(memory.count == (words == nil ? 0 : 1), "\(summary.findings.map(\.sentence))")
    #expect(summary.tallies.first?.agrees ?? 0 > 0 || words != nil)
    if let words { #expect(memory.first?.sentence.contains(words) == true, "\(memory.map(\.sentence))") }
    if words == nil { #expect(summary.findings.isEmpty, "\(summary.findings.map(\.sentence))") }
  }
}
