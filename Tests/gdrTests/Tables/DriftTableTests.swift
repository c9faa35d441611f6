import Foundation
import Implementations
import Support
import Testing
import gdr

/// `gdr drift`, over a few tokens.
@Suite struct DriftTableTests {
  private static let words = ["drift", "--tokens", "130", "--D", "4", "--decay", "0.999,softplus:-15.5"]

  private func drift(_ more: [String]) -> (code: ExitCode, out: [String], error: [String]) {
    run(Self.words + more, implementations: Registry.all)
  }

  @Test func `every line fits a terminal, and every sequence has a row`() throws {
    let folder = TemporaryFolder()
    let result = drift(["--to", folder.path])
    #expect(result.code == .nothing, "\(result.error)")
    #expect(result.out.allSatisfy { $0.count <= 80 || $0.hasSuffix("are written") }, "\(result.out)")
    #expect(result.out.count { $0.hasPrefix("sequential  ") } == 4)
    #expect(result.out.count { $0.hasPrefix("chunked  ") } == 4)
    let file = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/drift.json"))
    let json = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
    #expect(json["tokens"] as? Int == 130)
    #expect((json["results"] as? [[String: Any]])?.count == 8)
    let picture = try String(contentsOfFile: "\(folder.path)/drift.svg", encoding: .utf8)
    #expect(picture.hasPrefix("<svg") && picture.contains("softplus(-15.5), token by token"))
  }

  @Test func `the number of jobs changes nothing`() {
    #expect(drift(["--jobs", "1"]).out == drift(["--jobs", "3"]).out)
  }

  @Test func `a planted fault is a finding that fits a terminal`() {
    let result = drift(["--only", "sequential/decay-bf16"])
    #expect(result.code == .findings)
    #expect(result.out.contains { $0.hasPrefix("  above the bound after 2: ") }, "\(result.out)")
    #expect(result.out.allSatisfy { $0.count <= 80 }, "\(result.out)")
  }

  @Test(
    arguments: [
      ["--decay", "2"], ["--decay", "softplus:1"], ["--decay", "slow"], ["--calls", "3"],
      ["--calls", "8192"],
      ["--inputs", "f8"], ["--tokens", "0"], ["--only", "nobody"], ["--D", "0"],
    ])
  func `what makes no sequence is one line and 64`(words: [String]) {
    let result = run(["drift"] + words, implementations: Registry.all)
    #expect(result.code == .usage)
    #expect(result.error.count == 1, "\(result.error)")
  }
}
