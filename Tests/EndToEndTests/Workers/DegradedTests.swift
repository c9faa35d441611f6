import GatedDeltaRule
import Generator
import Implementations
import Mutants
import Oracle
import Support
import Testing

/// Amplified rounding is tolerated, and what only looks like it in two runs is not.
@Suite struct DegradedTests {
  /// A planted fault in fp32, and in fp64 the right answer, off by a part of itself.
  private struct Hiding: Implementation {
    let name = "hiding"
    let faulty: any Implementation
    let honest: any Implementation
    /// By which part every element of fp64 is off, up or down.
    let part: Double

    var declaration: Declaration {
      var declaration = honest.declaration
      declaration.promisesBits = false
      return declaration
    }
    func refusal(of problem: Problem) -> String? { honest.refusal(of: problem) }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      guard request.arithmetic == .double else { return try faulty.evaluate(problem, request: request) }
      var evaluation = try honest.evaluate(problem, request: request)
      for (quantity, tensor) in evaluation.results {
        var moved = tensor
        for i in moved.values.indices { moved.values[i] *= 1 + (i % 2 == 0 ? part : -part) }
        evaluation.results[quantity] = moved
      }
      return evaluation
    }
  }

  private func results(of hiding: Hiding, cases: Int) throws -> [CaseResult] {
    try (0..<UInt64(cases)).map { index in
      try CrossCheck(Recipe.draw(seed: 21, index: index, profile: .small)).judge(hiding)
    }
  }

  /// 2^-39 is to fp64 what 2^-10 is to fp32, so that the two are amplified alike, and 2^-25 is a cast left in the run in
  /// fp64.
  @Test(arguments: [
    ("sequential/beta-bf16", -39), ("sequential/beta-bf16", -25), ("sequential/exponential-fast", -39),
    ("checkpoint/boundary-bf16", -25), ("fused/final-state-bf16", -37),
  ])
  func `a worker with a cast fails, though its fp64 is not exact either`(mutant: String, exponent: Int) throws
  {
    let mutant = try #require(Mutant.named(mutant))
    let hiding = Hiding(
      faulty: mutant.implementation(), honest: mutant.clean,
      part: Double(sign: .plus, exponent: exponent, significand: 1))
    let grades = try results(of: hiding, cases: 60).map(\.grade)
    // What is left is right in fp32, or out of its range, or in 16 bits, which cannot be shaken.
    let (failing, degraded) = (grades.count { $0 == .disagrees }, grades.count { $0 == .degraded })
    #expect(failing >= 30 && failing > degraded, "\(failing) fail, \(degraded) are degraded")
  }

  @Test func `an unstable algorithm stays degraded, and is no failure`() throws {
    let chunked = try #require(Registry.named("chunked"))
    let results = try (0..<300).map { index in
      try CrossCheck(Recipe.draw(seed: 3, index: UInt64(index), profile: .small)).judge(chunked)
    }
    #expect(results.allSatisfy { $0.failure == nil })
    #expect(results.count { $0.grade == .degraded } >= 5)
  }

  /// Over 256 tokens the bound is that of terms a hundred times as large as any that cancels: beside it a third of y is
  /// little, and it is a million times what fp32 loses.
  @Test(arguments: [
    ("chunked-sb32", "cone:5", 0.8, Grade.disagrees), ("chunked", "cone:5", 0.8, .agrees),
    ("chunked", "cone:5", 0.9, .degraded), ("chunked", "equal", 1, .degraded),
  ])
  func `what a deployment would not lose is no amplification to tolerate`(
    name: String, keys: String, write: Double, grade: Grade
  ) throws {
    let form = "keys=\(keys)/decay=none/write=\(Report.number(write))/f32/seed=0"
    let recipe = "v1/B1-T256-Hk1-Hv1-Dk32-Dv16/" + form
    let implementation = try #require(Registry.named(name))
    let result = try CrossCheck(Recipe(recipe)).judge(implementation)
    #expect(result.grade == grade, "\(Report.sentence(result))")
    guard case .disagrees(let found) = result.judgement.verdict else { return }
    #expect(found.cause == .unstable && found.normError <= 0x1p-8)
    #expect(found.loss ?? 0 > 10 && result.failure?.severity ?? 0 > 10)
    #expect(Report.sentence(result).contains("times what a deployment in bf16 loses"))
  }

  @Test func `a run counts the degraded cases of a worker among its notes`() throws {
    let chunked = try #require(Registry.named("chunked"))
    var plan = Campaign.Plan.small([chunked], seed: 3, cases: 300)
    #expect(try plan.run().healthNotes.isEmpty, "what is built in is known")
    plan.commands = ["chunked": "a command"]
    let summary = try plan.run()
    let note = try #require(summary.healthNotes.map(\.description).first { $0.contains("degraded") })
    let tally = summary.tallies[0]
    #expect(note.contains("in \(tally.degraded) of \(tally.evaluated) cases"))
    #expect(note.hasSuffix("--against 'chunked=a command'"))
    #expect(summary.healthProblems.isEmpty)
  }
}
