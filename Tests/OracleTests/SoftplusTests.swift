import GatedDeltaRule
import Generator
import Sweep
import Testing

@testable import Oracle

/// A softplus that is its argument past 20, as torch has it, is seen in fp64 alone and is no fault of a kernel.
@Suite struct SoftplusTests {
  /// The rule itself but for softplus, which is its argument past a threshold.
  private struct Thresholded: Implementation {
    let name = "thresholded"
    let summary = "for tests"
    let threshold: Double
    let isSlopeOne: Bool
    let declaration = Declaration()
    func refusal(of problem: Problem) -> String? { nil }
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      let isDouble = request.arithmetic == .double
      let gates = GateTable(
        problem, clamp: .none,
        softplus: isDouble ? .linear(past: threshold, isSlopeOne: isSlopeOne) : .exact)
      let rule = Reference(problem, gates: gates, clamp: .none, threads: 1).evaluation
      guard !isDouble else { return rule }
      var rounded = rule
      for (quantity, tensor) in rule.results {
        rounded.results[quantity] = Tensor(
          shape: tensor.shape, values: tensor.values.map { Double(Float($0)) })
      }
      return rounded
    }
  }

  private func grades(threshold: Double, isSlopeOne: Bool = true) throws -> [(Grade, note: String?)] {
    var found: [(Grade, note: String?)] = []
    for index in 0..<600 as Range<UInt64> {
      let recipe = Recipe.draw(seed: 2, index: index, profile: .small)
      guard recipe.level == .model else { continue }
      let check = try CrossCheck(recipe)
      guard check.gates(clamp: .none).x.contains(where: { $0 > threshold }) else { continue }
      let judgement = check.judge(
        Thresholded(threshold: threshold, isSlopeOne: isSlopeOne)
      ).judgement
      found.append((judgement.verdict.grade, judgement.note))
    }
    return found
  }

  @Test(arguments: [true, false])
  func `past 20 it is noted, with the threshold, whatever the slope`(isSlopeOne: Bool) throws {
    let found = try grades(threshold: 20, isSlopeOne: isSlopeOne)
    #expect(found.allSatisfy { $0.0 == .agrees })
    #expect(found.contains { $0.note?.contains("20") == true })
  }

  @Test func `past 10 it is a failure`() throws {
    #expect(try grades(threshold: 10).contains { $0.0 == .disagrees })
  }
}
