import Foundation
import GatedDeltaRule
import Implementations
import Support
import Testing
import gdr

/// One verdict for a program: a stable form, and an exit code that says the same.
@Suite struct JudgeTests {
  private func judge(
    _ implementation: any Implementation, _ words: [String] = []
  ) throws -> (code: ExitCode, json: [String: Any]) {
    let result = run(
      ["judge", "--only", implementation.name, "--size", "small", "--json", "-"]
        + (words.contains("--cases") ? [] : ["--cases", "12"]) + words,
      implementations: [implementation])
    let json = try JSONSerialization.jsonObject(with: Data(result.out.joined(separator: "\n").utf8))
    return (result.code, try #require(json as? [String: Any]))
  }

  private func sequential() throws -> any Implementation {
    try #require(Registry.all.first { $0.name == "sequential" })
  }

  @Test func `what is right passes, and the form has its name and its version`() throws {
    let (code, json) = try judge(sequential(), ["--layer", "1/2/8/8", "--T", "16"])
    #expect(code == .nothing)
    #expect(json["schema"] as? String == "gdr-judge")
    #expect(json["version"] as? Int == 1)
    #expect(json["verdict"] as? String == "passes")
    #expect(json["exit"] as? Int == 0)
    #expect(json["cases"] as? Int == 12)
    let results = try #require(json["results"] as? [[String: Any]])
    #expect(results.contains { $0["result"] as? String == "dk" && $0["judged"] as? Int ?? 0 > 0 })
    let times = try #require(json["times"] as? [String: Any])
    #expect((times["rounds"] as? [Double])?.count == 7)
  }

  @Test func `what is wrong fails with the lines that show it`() throws {
    let (code, json) = try judge(Stub(name: "wrong"))
    #expect(code == .findings)
    #expect(json["verdict"] as? String == "fails")
    #expect(json["times"] == nil)
    let finding = try #require((json["findings"] as? [[String: Any]])?.first)
    let recipe = try #require(finding["recipe"] as? String)
    #expect((finding["replay"] as? String)?.contains("gdr replay \(recipe)") == true)
    #expect((json["next"] as? String)?.hasPrefix("gdr explain v1/") == true)
    #expect((json["reasons"] as? [String])?.isEmpty == false)
  }

  @Test func `what refuses everything was not judged`() throws {
    let (code, json) = try judge(Stub(name: "shy", refusal: "not today"))
    #expect(code == .badFile)
    #expect(json["verdict"] as? String == "incomplete")
  }

  @Test func `a few cases are not enough to pass by`() throws {
    let (code, json) = try judge(sequential(), ["--cases", "3", "--no-times"])
    #expect(code == .unhealthy)
    #expect(json["verdict"] as? String == "incomplete")
    #expect(
      json["reasons"] as? [String]
        == ["3 cases are too few to pass by: 10 at least (--for, --cases)"])
  }

  @Test func `the seed is drawn anew every time, and told`() throws {
    let seeds = try (0..<2).map { _ in try judge(Stub(name: "wrong")).json["seed"] as? String }
    #expect(seeds[0] != seeds[1])
    #expect(seeds.allSatisfy { $0.flatMap { UInt64($0) } != nil })
  }

  @Test func `who has no gradients is timed forward alone, and passes only where none are asked for`() throws
  {
    let forward = ForwardAlone(base: try sequential())
    let timing = ["--layer", "1/2/8/8", "--T", "16"]
    let (code, json) = try judge(forward, timing)
    #expect(code == .nothing)
    #expect((json["times"] as? [String: Any])?["gradients"] as? Bool == false)
    let note =
      "it declares that it has no dq, dk, dv, dg, dbeta, da, db, dA_log, ddt_bias, dstate_in, which nobody judged"
    #expect((json["notes"] as? [String])?.contains(note) == true)
    let (strict, why) = try judge(forward, timing + ["--gradients"])
    #expect(strict == .unhealthy)
    #expect(why["verdict"] as? String == "incomplete")
    #expect(why["reasons"] as? [String] == [note])
    #expect((why["next"] as? String)?.hasPrefix("gdr judge --only forward --size small --cases 12 ") == true)
  }

  @Test func `who never starts is an object too`() throws {
    let result = run(["judge", "--against", "mine=echo hello", "--cases", "1", "--json", "-"])
    #expect(result.code == .badFile)
    let json = try JSONSerialization.jsonObject(with: Data(result.out.joined(separator: "\n").utf8))
    let object = try #require(json as? [String: Any])
    #expect(object["verdict"] as? String == "incomplete")
    #expect((object["reasons"] as? [String])?.first == result.error.first.map { String($0.dropFirst(5)) })
  }

  @Test func `what is to be timed is looked at though nothing is timed`() {
    let words = ["judge", "--only", "stub", "--cases", "1", "--no-times"]
    #expect(run(words + ["--layer", "3/4/64/64"]).code == .usage)
    #expect(run(words + ["--T", "0"]).code == .usage)
  }

  @Test func `one at a time`() {
    let two: [any Implementation] = [Stub(), Stub(name: "other")]
    for words in [["judge", "--cases", "1"], ["judge", "--cases", "1", "--only", "stub,other"]] {
      let result = run(words, implementations: words.contains("--only") ? two : [Stub()])
      #expect(result.code == .usage)
      #expect(
        result.error == [
          "gdr: one implementation is judged at a time: --against NAME=COMMAND, or --only NAME"
        ])
    }
  }
}

/// Another without its gradients.
private struct ForwardAlone: Implementation {
  let base: any Implementation
  var name: String { "forward" }
  var summary: String { "for tests" }
  func refusal(of problem: Problem) -> String? { base.refusal(of: problem) }

  var declaration: Declaration {
    var declaration = base.declaration
    declaration.withoutGradients = Set(Quantity.allCases.filter(\.isGradient))
    return declaration
  }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    var forward = request
    forward.gradients = false
    return try base.evaluate(problem, request: forward)
  }
}
