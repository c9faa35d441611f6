import Foreign
import GatedDeltaRule
import Generator
import Oracle
import Support
import Testing

/// What a worker says that was seen of its memory.
@Suite struct MemoryTests {
  /// Three tokens or more show it.
  static let fault = "reply['memory'] = 'wrote 4 values past the end of dq' if T > 2 else ''"

  @Test func `it comes line by line, without what a terminal would act on, and is bounded`() throws {
    let worker = try FaultyWorker(
      "reply['memory'] = 'left 3 elements of y\\x1b[2J unwritten\\n\\n::error::x' + '\\n' + 99 * 'long'")
    let memory = try worker.program().evaluate(.zeros(), request: Request()).memory
    #expect(memory.count == 3)
    #expect(memory.first == "left 3 elements of y [2J unwritten")
    #expect(memory[1] == ": :error::x")
    #expect(memory.allSatisfy { $0.count <= 101 })
    let many = try FaultyWorker("reply['memory'] = '\\n'.join(map(str, range(1000)))")
    let lines = try many.program().evaluate(.zeros(), request: Request()).memory
    #expect(lines == (0..<8).map(String.init) + ["and more"])
    #expect(try FaultyWorker("pass").program().evaluate(.zeros(), request: Request()).memory.isEmpty)
  }

  @Test func `it fails a case whose numbers agree, and the reduced case has it still`() throws {
    let worker = try HonestWorker(MemoryTests.fault)
    let summary = try worker.run(cases: 40)
    #expect(summary.findings.count == 1, "\(summary.findings.map(\.sentence))")
    let found = try #require(summary.findings.first)
    #expect(found.shrunk.failure.kind == "memory" && found.finding.kind == "memory")
    #expect(found.finding.expectation == .disagrees && found.signature == "faulty memory")
    #expect(
      found.sentence
        == "memory: wrote 4 values past the end of dq; its numbers agree all the same")
    #expect(try Recipe(found.finding.recipe).T == 3)
    let tally = try #require(summary.tallies.first)
    #expect(tally.disagrees > 0 && tally.failed == 0)
  }

  @Test func `a saved case stays so until the memory is kept`() throws {
    let worker = try HonestWorker(MemoryTests.fault)
    let finding = try #require(try worker.run(cases: 40).findings.first?.finding)
    func replay(_ worker: borrowing HonestWorker) -> Replay {
      Replay.evaluate(
        finding, file: "found/x.json", by: Program(name: "faulty", command: worker.command)
      ).replay
    }
    #expect(replay(worker).outcome == .same)
    let mended = replay(try HonestWorker())
    #expect(mended.outcome == .changed && mended.detail.contains("recorded as disagrees, now agrees"))
  }

  @Test func `where the numbers are wrong too, both are said, and memory first`() throws {
    let worker = try HonestWorker(
      MemoryTests.fault + "; results['y'] = ([B, T, Hv, V], [2 * a for a in y])")
    let recipe = try Recipe("v1/B1-T4-Hk1-Hv1-Dk2-Dv3/keys=random/decay=-0.1/write=0.5/f32/seed=1")
    let program = Program(name: "faulty", command: worker.command)
    let result = try CrossCheck(recipe).judge(program)
    #expect(result.failure?.kind == "memory")
    let sentence = Report.sentence(result)
    #expect(sentence.hasPrefix("memory: wrote 4 values past the end of dq; and its numbers: disagrees: y["))
    let explanation = try #require(try Explanation(recipe, program))
    #expect(explanation.cause.text.hasPrefix("memory: ") && explanation.cause.isLikely)
  }

  @Test func `seen in a step, it fails the session`() throws {
    let worker = try HonestWorker(
      calls: ["calls": "packed,padded,verify,undo,fork,snapshots", "pool": "returned"], heads: 2,
      stepFault: "reply['memory'] = 'wrote 1 value before pool'")
    let summary = try worker.run(cases: 40, sessions: 1)
    let found = try #require(summary.findings.first)
    #expect(found.sentence.contains("memory: wrote 1 value before pool"), "\(found.sentence)")
  }

  @Test func `conformance says it`() throws {
    let worker = try FaultyWorker("reply['memory'] = 'changed its input k'")
    let conformance = Conformance(command: worker.command)
    #expect(!conformance.passes)
    #expect(conformance.steps.contains { "\($0.outcome)".contains("memory: changed its input k") })
  }
}
