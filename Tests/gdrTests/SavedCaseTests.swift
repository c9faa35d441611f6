import Foundation
import GatedDeltaRule
import Generator
import Oracle
import Support
import Testing
import gdr

/// `gdr replay` of saved cases.
@Suite final class SavedCaseTests {
  let folder = TemporaryFolder()
  let recipe = "v1/B1-T2-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0.5/f32/seed=0"

  /// Answers `factor` times what is right.
  struct Scaled: Implementation {
    var name = "mine"
    var summary: String { "for tests" }
    var declaration: Declaration { Declaration(offersDouble: false) }
    var factor = 1.0
    var refusal: String?
    func refusal(of problem: Problem) -> String? { refusal }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      var evaluation = Reference(problem).evaluation
      for quantity in evaluation.results.keys {
        guard let tensor = evaluation.results[quantity] else { continue }
        evaluation.results[quantity] = Tensor(shape: tensor.shape, values: tensor.values.map { $0 * factor })
      }
      return evaluation
    }
  }

  func save(
    on shelf: Corpus.Shelf, factor: Double = 2, command: String? = nil, law: String? = nil
  ) throws -> String {
    let recipe = try Recipe(recipe)
    let result = try CrossCheck(recipe).judge(Scaled(factor: factor), properties: .none)
    var finding = try Finding(recipe, result, why: "for tests")
    (finding.command, finding.law) = (command, law)
    return try Corpus(path: folder.path).save(finding, on: shelf)
  }

  func replay(_ path: String, _ implementations: [any Implementation]) -> (
    code: ExitCode, out: [String], error: [String]
  ) { run(["replay", path], implementations: implementations) }

  @Test func `a saved case of another implementation than those asked for is left out, and it is said`()
    throws
  {
    let path = try save(on: .found)
    let yours = Scaled(name: "yours")
    let left = run(["replay", path, "--only", "yours"], implementations: [Scaled(factor: 2), yours])
    #expect(left.code == .badFile)
    #expect(left.out == ["1 saved case of other implementations, not evaluated"])
    let taken = run(["replay", path, "--only", "mine"], implementations: [Scaled(factor: 2), yours])
    #expect(taken.code == .findings)
  }

  @Test func `a family is of a recipe, and so many cases are of a family`() throws {
    let path = try save(on: .found)
    #expect(run(["replay", path, "--family"], implementations: [Scaled()]).code == .usage)
    #expect(run(["replay", recipe, "--cases", "3"], implementations: [Scaled()]).code == .usage)
  }

  @Test func `what was found and still fails is a finding, however it fails`() throws {
    let path = try save(on: .found)
    for factor in [2.0, 3, -1, .nan] {
      let result = replay(path, [Scaled(factor: factor)])
      #expect(result.code == .findings)
      #expect(result.out.first == recipe)
      #expect(result.out.last?.hasPrefix("  still fails: ") == true)
    }
  }

  @Test func `a case is judged by the law that it was found under`() throws {
    let almost = Scaled(factor: 1.001)
    #expect(replay(try save(on: .found), [almost]).code == .findings)
    let path = try save(on: .found, law: "chunked:64,products:bf16")
    #expect(replay(path, [almost]).code == .nothing)
    #expect(run(["replay", path, "--as", "plain"], implementations: [almost]).code == .findings)
    let wrong = replay(try save(on: .found, law: "chunked:0"), [almost])
    #expect(wrong.code == .badFile)
    #expect(wrong.error.count == 1)
  }

  @Test func `what was found and passes is good news, with the line that keeps it`() throws {
    let path = try save(on: .found)
    let result = replay(path, [Scaled()])
    #expect(result.code == .nothing)
    #expect(result.out.last == "  gdr corpus promote \(path) --to regression --why 'SENTENCE'")
    let line = [
      "corpus", "promote", path, "--to", "regression", "--why", "SENTENCE", "--corpus", folder.path,
    ]
    #expect(run(line).code == .nothing)
    #expect(replay(folder.path(of: "regression"), [Scaled()]).code == .nothing)
    #expect(replay(folder.path(of: "regression"), [Scaled(factor: 2)]).code == .changed)
  }

  @Test func `what was found and cannot be evaluated is 65, with the line that evaluates it`() throws {
    let path = try save(on: .found, command: "python3 it's.py")
    let forgotten = replay(path, [Stub()])
    #expect(forgotten.code == .badFile)
    #expect(
      forgotten.error == [
        "gdr: \(path): not evaluated, mine is neither built in nor named by --against; "
          + "it was found with: gdr replay \(path) --against 'mine=python3 it'\\''s.py'"
      ])
    let refused = replay(path, [Scaled(refusal: "not today")])
    #expect(refused.code == .badFile)
    #expect(refused.error.count == 1)
  }

  @Test func `a command in a file is shown on one line and never run`() throws {
    let trace = folder.path(of: "trace")
    let path = try save(on: .found, command: "touch \(trace)\u{1B}[2J\n::error::\u{202E}x")
    let result = replay(path, [Stub()])
    #expect(result.code == .badFile)
    let line = try #require(result.error.last)
    #expect(line.hasSuffix("--against 'mine=touch \(trace)?[2J?::error::?x'"))
    #expect(!FileManager.default.fileExists(atPath: trace))
  }

  @Test func `what cannot be read hides no finding and no change`() throws {
    let junk = try folder.write(Data("{".utf8), to: "junk.json")
    let found = try save(on: .found)
    let known = try save(on: .known)
    for (operands, code, factor) in [
      ([junk, found], ExitCode.findings, 3.0), ([known, junk], .changed, 3),
      ([known, found, junk], .findings, 3),
      ([junk, known], .badFile, 2), (["v1/nonsense", found], .findings, 3),
    ] {
      let result = run(["replay"] + operands, implementations: [Scaled(factor: factor)])
      #expect(result.code == code)
      #expect(result.error.count == 1)
    }
  }

  @Test func `what is known must fail exactly as recorded`() throws {
    let path = try save(on: .known)
    #expect(replay(path, [Scaled(factor: 2)]).code == .nothing)
    #expect(replay(path, [Scaled(factor: 3)]).code == .changed)
    #expect(replay(path, [Scaled()]).code == .changed)
  }

  @Test func `a folder of a shelf may have the name of another`() throws {
    let path = try save(on: .known)
    let inner = folder.path(of: "known/found/case.json")
    try FileManager.default.createDirectory(
      atPath: folder.path(of: "known/found"), withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: path, toPath: inner)
    #expect(replay(folder.path, [Scaled(factor: 2)]).code == .nothing)
    // A file by itself that stands on no shelf is one that was found.
    let copy = folder.path(of: "case.json")
    try FileManager.default.copyItem(atPath: inner, toPath: copy)
    #expect(replay(copy, [Scaled(factor: 2)]).code == .findings)
  }

  @Test func `a replay that evaluates nothing is 65, one that passes over something is not`() throws {
    let path = try save(on: .known)
    let nothing = replay(path, [Stub()])
    #expect(nothing.code == .badFile)
    #expect(nothing.error == ["gdr: nothing was evaluated"])
    let both = run(["replay", path, recipe, "--only", "other"], implementations: [Scaled(name: "other")])
    #expect(both.code == .nothing)
    #expect(both.out.last == "1 saved case of other implementations, not evaluated")
    try FileManager.default.createDirectory(
      atPath: folder.path(of: "empty"), withIntermediateDirectories: true)
    #expect(replay(folder.path(of: "empty"), [Stub()]).code == .badFile)
  }
}
