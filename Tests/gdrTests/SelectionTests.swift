import Oracle
import Support
import Testing
import gdr

@Suite struct SelectionTests {
  /// Those chosen of `a`, `b` and the worker `mine`.
  func names(_ words: String...) throws -> [String] {
    let context = Context(
      implementations: ["a", "b", "mine"].map { Stub(name: $0) }, askedByName: [Stub(name: "library")],
      judge: { _ in { CaseResult($0, Judgement(.agrees(ratio: 0), y: 0)) } },
      console: Transcript().console, workers: ["mine"])
    let arguments = try Arguments(words, flags: [Flag("only", "NAMES", summary: "")])
    return try Command.implementations(arguments, context).map(\.name)
  }

  @Test func `a worker is tested whatever --only names, once, and alone without it`() throws {
    #expect(try names() == ["mine"])
    #expect(try names("--only", "b") == ["b", "mine"])
    #expect(try names("--only", "mine,b,b") == ["mine", "b"])
    #expect(try names("--only", "library") == ["library", "mine"])
  }

  @Test func `--only must name something`() {
    let recipe = "v1/B1-T2-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/f32/seed=0"
    let result = run(["replay", recipe, "--only", ","])
    #expect(result.code == .usage)
    #expect(result.error == ["gdr: --only needs a value: --only NAMES"])
  }

  @Test func `--families must name something`() {
    let recipe = "v1/B1-T2-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/f32/seed=0"
    for words in [["fuzz", "--cases", "1"], ["shrink", recipe]] {
      let result = run(words + ["--families", ","])
      #expect(result.code == .usage)
      #expect(
        result.error == ["gdr: --families needs a value: --families Hk1-Hv2-Dk64-Dv64/bf16,..."])
    }
  }
}
