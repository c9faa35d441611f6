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
    let declaration = Declaration()
    func refusal(of problem: Problem) -> String? { nil }
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      let isDouble = request.arithmetic == .double
      let gates = GateTable(
        problem, clamp: .none, linearSoftplusPast: isDouble ? threshold : .infinity)
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

  private func grades(threshold: Double) throws -> [(Grade, note: String?)] {
    var found: [(Grade, note: String?)] = []
    for index in 0..<600 as Range<UInt64> {
      let recipe = Recipe.draw(seed: 2, index: index, profile: .small)
      guard recipe.level == .model else { continue }
      let check = try CrossCheck(recipe)
      guard check.gates(clamp: .none).x.contains(where: { $0 > threshold }) else { continue }
      let judgement = check.judge(Thresholded(threshold: threshold)).judgement
      found.append((judgement.verdict.grade, judgement.note))
    }
    return found
  }

  @Test func `past 20 it is noted, with the threshold`() throws {
    let found = try grades(threshold: 20)
    #expect(found.allSatisfy { $0.0 == .agrees })
    #expect(found.contains { $0.note?.contains("20") == true })
  }

  @Test func `past 10 it is a failure`() throws {
    #expect(try grades(threshold: 10).contains { $0.0 == .disagrees })
  }
}
