import Foundation
import GatedDeltaRule
import Implementations
import Machine
import Oracle
import Support
import Testing
import gdr

/// What refuses every case was not evaluated, and must not look as if it had passed.
@Suite final class RefusalTests {
  let folder = TemporaryFolder()
  let recipe = "v1/B1-T2-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0.5/f32/seed=0"
  let idle = Stub(name: "idle", refusal: "not today")

  func fuzz(_ words: [String], _ implementations: [any Implementation]) -> (
    code: ExitCode, out: [String], error: [String]
  ) {
    run(
      ["fuzz", "--size", "small", "--seed", "5", "--corpus", folder.path(of: "corpus")] + words,
      implementations: implementations)
  }

  @Test func `a run that everything under test refused is 65, not without findings`() {
    for words in [[], ["--families", "Hk1-Hv1-Dk3-Dv3/f32"], ["--profile", "ci"]] {
      let result = fuzz(["--cases", "12"] + words, [idle])
      #expect(result.code == .badFile)
      #expect(result.error == ["gdr: nothing was evaluated: idle refused all 12 cases"])
      #expect(!result.out.contains("no findings"))
    }
    let sequential = Registry.all.filter { $0.name == "sequential" }
    #expect(fuzz(["--cases", "12"], sequential + [idle]).code == .nothing)
  }

  @Test func `a case that all refuse is 65 and one line`() {
    for command in ["replay", "explain", "shrink"] {
      let result = run([command, recipe], implementations: [idle, Stub(name: "shy", refusal: "nor I")])
      #expect(result.code == .badFile)
      #expect(result.error == ["gdr: nothing was evaluated: refused by idle, shy"])
      #expect(!result.out.contains { $0.hasPrefix("no implementation fails") })
    }
    let search = run(
      ["search", "--only", "idle", "--runs", "2", "--evaluations", "3"], implementations: [idle])
    #expect(search.code == .badFile)
    #expect(search.error == ["gdr: nothing was evaluated: idle refused every case"])
  }

  @Test func `every format of a report says what speaks against believing a run`() throws {
    let path = folder.path(of: "parts/")
    _ = fuzz(["--cases", "12", "--shard", "1/2", "--report", path], [idle])
    let record = try #require(Folder.files(in: path).first)
    let annotations = run(["report", record, "--github"])
    #expect(annotations.code == .unhealthy)
    #expect(
      annotations.out.dropLast() == [
        "::warning title=the run is not complete::shard 2 of 2 missing",
        "::warning title=nothing was evaluated::idle refused all 6 cases",
      ])
    let (xml, sarif) = (folder.path(of: "a.xml"), folder.path(of: "a.sarif"))
    _ = run(["report", record, "--junit", xml, "--sarif", sarif])
    let cases = try String(contentsOfFile: xml, encoding: .utf8)
    #expect(cases.contains("name=\"every shard is there\"><failure message=\"shard 2 of 2 missing\">"))
    #expect(cases.contains("name=\"something was evaluated\"><failure message=\"idle refused all 6 cases\">"))
    #expect(cases.contains("<testcase classname=\"health\" name=\"the run is to be believed\"/>"))
    let results = try String(contentsOfFile: sarif, encoding: .utf8)
    #expect(results.components(separatedBy: "\"level\" : \"warning\"").count == 3)
  }

  @Test func `a failed health check is a warning and a failing case`() throws {
    let record = folder.path(of: "run.json")
    let sequential = try #require(Registry.named("sequential"))
    struct Partial: Implementation {
      let base: any Implementation
      let name = "partial"
      let summary = "for tests"
      var declaration: Declaration { base.declaration }
      func refusal(of problem: Problem) -> String? { base.refusal(of: problem) }
      func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
        var evaluation = try base.evaluate(problem, request: request)
        evaluation.results[.dk] = nil
        return evaluation
      }
    }
    #expect(fuzz(["--cases", "40", "--report", record], [Partial(base: sequential)]).code == .unhealthy)
    let lines = run(["report", record, "--github"]).out
    let text = "partial never answered dk: never judged"
    #expect(lines.contains { $0.hasPrefix("::warning title=this run should not be believed::" + text) })
    let xml = folder.path(of: "a.xml")
    _ = run(["report", record, "--junit", xml])
    let cases = try String(contentsOfFile: xml, encoding: .utf8)
    #expect(cases.contains("name=\"the run is to be believed\"><failure message=\"" + text))
  }

  @Test func `no command writes over what it reads, or twice to one file`() throws {
    let record = try folder.write(Data("{}".utf8), to: "rx.json")
    let link = folder.path(of: "link.json")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: record)
    for flag in ["html", "junit", "sarif"] {
      for path in [record, link, folder.path(of: "./rx.json")] {
        let result = run(["report", record, "--\(flag)", path])
        #expect(result.code == .usage)
        #expect(result.error == ["gdr: --\(flag) '\(path)' would write over an operand"])
      }
    }
    #expect(try Data(contentsOf: URL(filePath: record)) == Data("{}".utf8))
    let new = folder.path(of: "new")
    for (first, second) in [("state", "report"), ("report", "observations")] {
      let result = fuzz(["--cases", "1", "--\(first)", new, "--\(second)", new], [Stub()])
      #expect(result.code == .usage)
      #expect(result.error == ["gdr: --\(first) and --\(second) name the same file '\(new)'"])
    }
    #expect(!FileManager.default.fileExists(atPath: new))
    let merge = run(["merge-reports", record, "--to", new, "--expect", new])
    #expect(merge.error == ["gdr: --to and --expect name the same file '\(new)'"])
  }
}
