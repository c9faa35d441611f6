import Foundation
import GatedDeltaRule
import Oracle
import Testing

/// Two records are of the same run if the same was evaluated, however it is worded.
@Suite struct RecordComparisonTests {
  /// Answers zeros, and takes no masks.
  private struct Zeros: Implementation {
    let name = "zeros"
    let summary = "for tests"
    let declaration = Declaration(offersDouble: false)
    func refusal(of problem: Problem) -> String? { problem.mask == nil ? nil : "takes no mask" }
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      Evaluation(results: [
        .y: Tensor(shape: problem.shape.value), .stateOut: Tensor(shape: problem.shape.state),
      ])
    }
  }

  /// The JSON of a short run with findings and refusals.
  private func text() throws -> String {
    var plan = Campaign.Plan(implementations: [Zeros()], seed: 3)
    (plan.profile, plan.cases) = (.small, 12)
    let summary = try Campaign(plan).run(
      save: { $0.explanation = ["what matters: keys"] }, report: { _ in }, isInterrupted: { false })
    var part = Record.Part(shard: 1, clock: Record.Clock(started: 0))
    part.ledger = summary.ledger
    // Format 1 has no checksum, so that a changed record is read.
    return String(decoding: try Record(plan: Record.Plan(plan), part: part).encoded(), as: UTF8.self)
      .replacing("\"format\":4", with: "\"format\":1")
  }

  private func difference(_ text: String, after change: (inout String) -> Void) throws -> String? {
    var changed = text
    change(&changed)
    try #require(changed != text)
    let (one, other) = (try Record(decoding: Data(text.utf8)), try Record(decoding: Data(changed.utf8)))
    return one.total.difference(from: other.total)
  }

  @Test func `other sentences are no difference`() throws {
    let text = try text()
    let changed = try difference(text) { text in
      text.replace(/"(sentence|why)":"[^"]*"/) { "\"\($0.output.1)\":\"in other words\"" }
      text.replace("what matters: keys", with: "the keys matter")
      text.replace("takes no mask", with: "masks are refused")
    }
    #expect(changed == nil)
  }

  @Test(arguments: [
    ("\"severity\":", "\"severity\":1", "the reduced cases are others"),
    ("\"evaluations\":", "\"evaluations\":1", "the reduced cases are others"),
    ("\"seed\":3", "\"seed\":4", "the seed is 3 in one and 4 in the other"),
  ])
  func `another number is one, and the line says where`(old: String, new: String, line: String) throws {
    #expect(try difference(text()) { $0.replace(old, with: new) } == line)
  }

  @Test func `another verdict is a difference`() throws {
    let text = try text()
    let count = try #require(text.firstMatch(of: /"disagrees":([1-9][0-9]*)/)).output.1
    let changed = try difference(text) { text in
      text.replace("\"failed\":0", with: "\"failed\":\(count)")
      text.replace("\"disagrees\":\(count)", with: "\"disagrees\":0")
    }
    #expect(changed == "zeros came to other verdicts or ratios")
  }

  @Test func `counts that contradict each other are no record`() throws {
    #expect(throws: UnreadableRecord.self) {
      try difference(text()) { $0.replace("\"failed\":0", with: "\"failed\":1") }
    }
  }
}
