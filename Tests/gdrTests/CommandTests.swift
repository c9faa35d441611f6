import Foreign
import Foundation
import GatedDeltaRule
import Oracle
import Support
import Testing
import gdr

@Suite struct CommandTests {
  @Test func `exit codes are the documented ones`() {
    #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 64, 65, 70, 130])
  }

  @Test func `a wrong command line is one line and 64`() {
    for (words, line) in [
      (["lits"], "gdr: unknown command 'lits'; did you mean 'list'?"),
      (["worker"], "gdr: unknown command 'worker'; did you mean 'init-worker'?"),
      (["help", "evla"], "gdr: unknown command 'evla'; did you mean 'eval'?"),
      (["list", "--hlep"], "gdr: unknown flag '--hlep'; did you mean '--help'?"),
      (["--sede"], "gdr: unknown flag '--sede'; did you mean '--seed'?"),
      (["list", "x"], "gdr: unexpected argument 'x'"),
      (["eval"], "gdr: RECIPE or CASE.safetensors is missing"),
      (["eval", "a", "b"], "gdr: unexpected argument 'b'"),
      (["eval", "a"], "gdr: --implementation NAME is missing"),
      (["eval", "a", "--implementation", "stub"], "gdr: --to OUT.safetensors is missing"),
      (
        ["eval", "a", "--implementation", "stbu", "--to", "b"],
        "gdr: no implementation is called 'stbu'; did you mean 'stub'?"
      ),
    ] {
      let result = run(words)
      #expect(result.code == .usage)
      #expect(result.error == [line])
      #expect(result.out.isEmpty)
    }
  }

  @Test func `help, version and list say what there is`() {
    for words in [["help"], ["--help"], ["-h"]] {
      let result = run(words)
      #expect(result.code == .nothing)
      let text = result.out.flatMap { $0.split(separator: " ") }.joined(separator: " ")
      for command in Command.all { #expect(text.contains(command.summary)) }
    }
    #expect(run(["eval", "--help"]).out.first == run(["help", "eval"]).out.first)
    #expect(run(["--version"]).out.first?.hasPrefix("gdr ") == true)
    let list = run(["list"], implementations: [Stub(refusal: "needs luck")]).out
    #expect(list.suffix(2) == ["stub  sequential   none      no", "    for tests; refuses: needs luck"])
  }

  @Test func `list as JSON has an object for each`() throws {
    let text = run(["list", "--json"], implementations: [Stub(refusal: "needs luck")]).out.joined()
    let list = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    #expect(list.count == 1)
    #expect(list[0]["name"] as? String == "stub" && list[0]["form"] as? String == "sequential")
    #expect(list[0]["refuses"] as? [String] == ["needs luck"])
    #expect(list[0]["offersDouble"] as? Bool == false && list[0]["isControl"] as? Bool == false)
  }

  @Test func `eval writes the results by their wire names`() throws {
    let folder = TemporaryFolder()
    let file = try folder.writeCase()
    let out = "\(folder.path)/out.safetensors"
    let result = run(["eval", file, "--implementation=stub", "--to", out])
    #expect(result.code == .nothing)
    #expect(result.out == ["\(out): y"])
    let frame = try Frame(contentsOf: out)
    #expect(frame.metadata["origin"] == "gdr stub")
    #expect(frame.entries == ["y": .numbers(Tensor(shape: [1, 2, 1, 3], repeating: 4))])
  }

  @Test func `eval that cannot is one line and 65`() throws {
    let folder = TemporaryFolder()
    let file = try folder.writeCase()
    let out = "\(folder.path)/out.safetensors"
    let words = ["eval", file, "--implementation", "stub", "--to", out]
    for (implementation, words, reason) in [
      (Stub(refusal: "needs luck"), words, "stub refuses: needs luck"),
      (Stub(fails: true), words, "stub failed: on purpose"),
      (Stub(), words + ["--double"], "stub does not run in fp64"),
    ] {
      let result = run(words, implementations: [implementation])
      #expect(result.code == .badFile)
      #expect(result.error == ["gdr: \(file): \(reason)"])
    }
    let missing = run(["eval", "\(folder.path)/none", "--implementation", "stub", "--to", out])
    #expect(missing.code == .badFile)
    #expect(missing.error == ["gdr: \(folder.path)/none: cannot read: No such file or directory"])
    let nowhere = run(["eval", file, "--implementation", "stub", "--to", folder.path])
    #expect(nowhere.code == .badFile)
    #expect(nowhere.error == ["gdr: \(folder.path): cannot write: it is a folder, not a regular file"])
    #expect(throws: FileFailure.self) { try Frame(contentsOf: out) }
  }

  @Test func `check goes on past files that cannot be read`() throws {
    let folder = TemporaryFolder()
    _ = try folder.writeCase()
    try folder.write([1, 2, 3], to: "broken.safetensors")
    try folder.write([1, 2, 3], to: "notes.txt")
    let inner = "\(folder.path)/inner.safetensors"
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
    _ = try folder.writeCase(to: "inner.safetensors/another.safetensors")
    let result = run(["check", folder.path, "\(folder.path)/none"])
    #expect(result.code == .badFile)
    #expect(
      Set(result.error) == [
        "gdr: \(folder.path)/broken.safetensors: truncated: the length field needs 8 bytes, there are 3",
        "gdr: \(folder.path)/none: no such file or directory",
      ])
    #expect(result.out.first == "2 cases")
    #expect(result.out.contains("stub           0.5       2"))
  }

  @Test func `what check finds decides its exit code`() throws {
    let folder = TemporaryFolder()
    let file = try folder.writeCase()
    let control = Stub(declaration: Declaration(isControl: true))
    #expect(run(["check", file]).code == .nothing)
    #expect(run(["check", file], verdict: .degraded(.ofY), ratio: 3).code == .nothing)
    #expect(run(["check", file], verdict: .refused("no")).code == .nothing)
    #expect(run(["check", file], verdict: .failed("crash")).code == .findings)
    #expect(
      run(["check", file], implementations: [control], verdict: .disagrees(.ofY), ratio: 3).code == .nothing)
    let wrong = run(["check", file], verdict: .disagrees(.ofY), ratio: .nan)
    #expect(wrong.code == .findings)
    #expect(wrong.out.last == "stub on \(file): y NaN")
  }

  @Test func `check of nothing is an error`() throws {
    let folder = TemporaryFolder()
    let file = try folder.writeCase()
    #expect(
      run(["check", "/dev/null"]).error == ["gdr: /dev/null: cannot read: it is a device, not a regular file"]
    )
    #expect(run(["check", "\(file)/x"]).code == .badFile)
  }

  @Test func `the worst of many is kept, and NaN is the worst`() {
    var score = Score()
    for ratio in [0.5, 2, .nan, 1] {
      score.add(CaseResult(Stub(), Judgement(.agrees(ratio: 0), y: ratio)), on: "x")
    }
    #expect(score.worst[.y]?.isNaN == true)
    #expect(score.counts == [.agrees: 4])
  }

  @Test func `numbers are short`() {
    #expect(
      [0, 1, 0.5, 0.096, 9.96, 99.4, 123, 4.56e-7, -2, .infinity, .nan].map(short)
        == ["0", "1", "0.5", "0.096", "10", "99", "1.2e2", "4.6e-7", "-2", "inf", "NaN"])
  }

  @Test func `a table is plain columns`() {
    var table = Table(["name", "y"])
    table.add([.init("a", .red), .init("10")])
    #expect(table.lines(on: Transcript().console) == ["name   y", "a     10"])
    let coloured = Console(isColoured: true, out: { _ in }, error: { _ in })
    #expect(table.lines(on: coloured)[1] == "\u{1B}[31ma\u{1B}[0m     10")
  }
}
