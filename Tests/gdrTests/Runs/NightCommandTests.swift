import Foundation
import GatedDeltaRule
import Implementations
import Machine
import Oracle
import Support
import Testing
import gdr

@Suite final class NightCommandTests {
  let temporary = TemporaryFolder()
  /// Not there yet: the commands make it.
  var folder: String { temporary.path(of: "night") }

  var corpus: [String] { ["--corpus", "\(folder)/corpus", "--size", "small", "--jobs", "2"] }

  func fuzz(_ words: String...) -> (code: ExitCode, out: [String], error: [String]) {
    run(
      ["fuzz"] + corpus + words,
      implementations: Registry.all.filter { ["sequential", "chunked-sb32"].contains($0.name) })
  }

  @Test func `the seed of a night is its date in Greenwich, of a check always the same`() {
    let date = Date(timeIntervalSince1970: 1_795_823_999)  // 2026-11-27T23:59:59Z
    #expect(Schedule.nightly.seed(on: date) == 20_261_127)
    #expect(Schedule.nightly.seed(on: date + 1) == 20_261_128)
    #expect(Schedule.ci.seed(on: date) == Schedule.ci.seed(on: date + 1e6))
  }

  @Test
  func `a night prints its seed first, saves the control, and evaluates nothing when it is asked again`()
    throws
  {
    let first = fuzz("--profile", "nightly", "--cases", "60", "--seed", "5")
    #expect(first.code == .nothing)
    #expect(
      Array(first.out.prefix(3)) == [
        "nightly, seed 5: 60 cases, size small, 2 threads; findings go to \(folder)/corpus/found",
        "under test: sequential", "controls, which must fail: chunked-sb32",
      ])
    let (entries, problems) = Corpus(path: "\(folder)/corpus").load()
    #expect(problems.isEmpty)
    #expect(entries.map(\.finding.role) == [.control])
    let again = fuzz("--profile", "nightly", "--cases", "60", "--seed", "5")
    #expect(again.error.contains { $0.contains("came to its end after 60 cases") })
    #expect(again.code == .badFile)
    #expect(Corpus(path: "\(folder)/corpus").load().entries == entries)
  }

  @Test func `a control that was never caught is unhealthy, and controls are saved only when asked for`() {
    #expect(fuzz("--cases", "2", "--seed", "5", "--controls").code == .unhealthy)
    #expect(fuzz("--cases", "60", "--seed", "5", "--only", "sequential,chunked-sb32").code == .nothing)
    #expect(Corpus(path: "\(folder)/corpus").load().entries.isEmpty)
  }

  @Test func `a state of another run is one line and 65, and is not touched`() throws {
    let state = "\(folder)/state.json"
    #expect(fuzz("--cases", "8", "--seed", "5", "--state", state).code == .nothing)
    let before = try Data(contentsOf: URL(filePath: state))
    for (words, reason) in [
      (["--seed", "6", "--cases", "8"], "the seed is 5 in one and 6 in the other"),
      (["--seed", "5", "--cases", "9"], "the number of cases is 8 in one and 9 in the other"),
      (
        ["--seed", "5", "--cases", "8", "--shard", "1/2"],
        "the number of shards is 1 in one and 2 in the other"
      ),
    ] {
      let result = run(["fuzz"] + corpus + ["--state", state] + words, implementations: [Registry.all[0]])
      #expect(result.code == .badFile)
      #expect(result.error == ["gdr: \(state): is the state of another run: \(reason)"])
    }
    #expect(try Data(contentsOf: URL(filePath: state)) == before)
    try Data("{".utf8).write(to: URL(filePath: state))
    let junk = fuzz("--cases", "8", "--seed", "5", "--state", state)
    #expect(junk.error == ["gdr: \(state): is no record of a run: it is not JSON"])
  }

  @Test func `resume goes on with the latest unfinished run, whatever its seed`() throws {
    let states = "\(folder)/states/"
    #expect(fuzz("--resume", "--for", "1h", "--state", states).code == .badFile)
    let begun = fuzz("--seed", "77", "--for", "4s", "--state", states)
    #expect(begun.code == .nothing, "\(begun)")
    let result = fuzz("--resume", "--for", "5s", "--state", states)
    #expect(result.out.first?.hasPrefix("seed 77: ") == true)
    #expect(result.out.contains { $0.hasPrefix("continuing after ") })
    #expect(fuzz("--resume", "--for", "0.1s", "--state", states).code == .badFile)
  }

  @Test func `a saved case of a future recipe is one line, and a night over it ends with 65`() throws {
    let future = Finding(
      recipe: "v9/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/f32/seed=0", digest: "0",
      implementation: "sequential", expectation: .agrees, why: "for tests")
    let corpus = Corpus(path: "\(folder)/corpus")
    let path = try corpus.save(future, on: .found)
    let line = "gdr: \(path): v9: this gdr reads v1"
    let check = run(["corpus", "check", "--corpus", corpus.path])
    #expect(check.code == .badFile && check.error == [line])
    let replay = run(["replay", path], implementations: Registry.all)
    #expect(replay.code == .badFile && replay.error == [line])
    let kept = try corpus.save(future, on: .known)
    let night = fuzz("--profile", "ci", "--cases", "30")
    #expect(night.code == .badFile)
    #expect(night.error == ["gdr: \(kept): unreadable: v9: this gdr reads v1"])
    #expect(corpus.load().entries.count { $0.finding == future } == 2)
  }

  @Test func `a finding counts only if fresh processes show it again`() throws {
    let worker = "\(folder)/once"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (script, code, word) in [
      ("exit 1", ExitCode.findings, "reproduced by 2 of 2 fresh processes"),
      ("exit 0", .nondeterministic, "reproduced by 0 of 2 fresh processes"),
      ("exit 65", .findings, "a fresh process could not judge it: exit code 65"),
      ("kill -9 $$", .findings, "a fresh process was ended by signal 9"),
    ] {
      try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: worker))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: worker)
      let transcript = Transcript()
      let control = try #require(Registry.named("chunked-sb32"))
      let context = Context(
        implementations: [Disguise(control: control)],
        judge: { _ in { CaseResult($0, Judgement(verdict: .agrees(ratio: 0))) } },
        console: transcript.console, executable: worker)
      let words = ["fuzz", "--profile", "ci", "--cases", "60", "--seed", "5"] + corpus
      #expect(Command.run(words, in: context) == code)
      #expect(transcript.out.contains("  " + word))
    }
  }

  /// A control that does not say that it is one.
  private struct Disguise: Implementation {
    let control: any Implementation
    var name: String { "disguise" }
    var summary: String { "for tests" }
    var declaration: Declaration {
      var declaration = control.declaration
      declaration.isControl = false
      return declaration
    }
    func refusal(of problem: Problem) -> String? { control.refusal(of: problem) }
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      try control.evaluate(problem, request: request)
    }
  }

  @Test func `reports of shards merge into that of the whole, by files`() throws {
    let words = ["--cases", "90", "--seed", "5", "--controls"]
    let implementations = Registry.all.filter { ["sequential", "chunked-sb32"].contains($0.name) }
    for shard in ["1/3", "2/3", "3/3"] {
      let code = run(
        ["fuzz"] + corpus + words + ["--shard", shard, "--report", "\(folder)/parts/"],
        implementations: implementations
      ).code
      #expect(code == .nothing || code == .unhealthy)
    }
    _ = run(
      ["fuzz"] + corpus + words + ["--report", "\(folder)/whole.json"], implementations: implementations)
    let parts = Folder.files(in: "\(folder)/parts")
    #expect(parts.count == 3)
    let target = "\(folder)/merged.json"
    let merged = run(
      ["merge-reports"] + parts.reversed() + ["--to", target, "--expect", "\(folder)/whole.json"])
    #expect(merged.code == .nothing)
    #expect(merged.out.last == "the same as \(folder)/whole.json")
    let bytes = try Data(contentsOf: URL(filePath: target))
    #expect(run(["merge-reports", target] + parts + ["--to", target]).code == .nothing)
    #expect(try Data(contentsOf: URL(filePath: target)) == bytes)
    let two = run(["merge-reports", parts[0], parts[2], "--to", target, "--expect", "\(folder)/whole.json"])
    #expect(two.code == .changed)
    #expect(two.out.contains("not complete: shard 2 of 3 missing"))
    let incomplete = run(["merge-reports", parts[0], parts[2], "--to", target])
    #expect(incomplete.code == .unhealthy)
    let report = run(["report", target])
    #expect(report.code == .unhealthy)
    #expect(report.out.last == "not complete: shard 2 of 3 missing")
    let other = run(["merge-reports", parts[0], "\(folder)/whole.json", "--to", target])
    #expect(other.code == .badFile)
    #expect(other.error.first?.contains("the number of shards is 3 in one and 1 in the other") == true)
  }

  @Test func `observations are lines in the schema of Hypothesis`() throws {
    let path = "\(folder)/seen.jsonl"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    _ = fuzz("--cases", "40", "--seed", "5", "--controls", "--observations", path)
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 80)
    let required: Set = [
      "type", "status", "status_reason", "representation", "arguments", "how_generated", "features",
      "coverage",
      "timing", "metadata", "property", "run_start",
    ]
    var statuses: Set<String> = []
    for line in lines {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      #expect(Set(object.keys) == required)
      #expect(object["type"] as? String == "test_case")
      let status = try #require(object["status"] as? String)
      statuses.insert(status)
      #expect((object["status_reason"] as? String)?.isEmpty == (status == "passed"))
    }
    #expect(statuses == ["passed", "failed", "gave_up"])
  }
}
