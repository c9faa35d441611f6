import Foreign
import Foundation
import GatedDeltaRule
import Generator
import Oracle
import Support
import Testing
import gdr

/// The templates before the oracle: they take cases of both levels, with all gradients, and keep to their bounds.
@Suite struct TemplateAnswerTests {
  private static let cases = 80

  /// Asserts it of a program that holds the template.
  private func expectRightAnswers(of command: String, contract: Contract = .plain) throws {
    let program = Program(name: "template", command: command)
    var plan = Campaign.Plan.small([program], seed: 6, cases: Self.cases)
    plan.profile.contracts = .one(contract)
    plan.shrunkPerSignature = 0
    let summary = try plan.run()
    let tally = try #require(summary.tallies.first)
    #expect(tally.agrees == Self.cases, "\(summary.findings.map(\.finding)) \(tally.refusals)")
    // dstate_in may be missing where there is no state_in.
    for quantity in Quantity.allCases where quantity != .dstateIn {
      let (asked, answered) = (tally.asked[quantity.rawValue] ?? 0, tally.answered[quantity.rawValue] ?? 0)
      #expect(answered > 0 && answered == asked, "\(quantity): \(answered) of \(asked)")
    }
  }

  private func text(_ language: String) throws -> Data {
    Data(try #require(WorkerTemplate.all.first { $0.language == language }).text.utf8)
  }

  @Test func `in C++`() throws {
    let folder = TemporaryFolder()
    try folder.write(text("cpp"), to: "worker.cpp")
    let compiler = try Tool(["clang++", "-O1", "-std=c++17", "worker.cpp", "-o", "worker"], in: folder.path)
    #expect(compiler.status == 0, "\(compiler.complaints)")
    try expectRightAnswers(of: "'\(folder.path(of: "worker"))'")
  }

  @Test(.enabled(if: imports("numpy"))) func `in numpy`() throws {
    let folder = TemporaryFolder()
    try expectRightAnswers(of: "python3 '\(folder.write(text("python"), to: "worker.py"))'")
  }

  @Test(
    .enabled(if: imports("torch")), arguments: ["decay=log", "decay=log,layout=kv"])
  func `in torch`(contract: String) throws {
    let folder = TemporaryFolder()
    let text = String(decoding: try text("torch"), as: UTF8.self)
      .replacing(#""contract": "decay=log""#, with: #""contract": "\#(contract)""#)
    let command = "python3 '\(try folder.write(Data(text.utf8), to: "worker.py"))'"
    try expectRightAnswers(of: command, contract: Contract(contract))
  }
}

/// Whether the Python that is found has this module.
private func imports(_ module: String) -> Bool {
  (try? Tool(["python3", "-c", "import \(module)"], in: "/").status == 0) ?? false
}
