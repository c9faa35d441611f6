import GatedDeltaRule
import Implementations
import Testing
import Training
import gdr

@Suite struct TrainTests {
  @Test func `a few steps learn, and all four forms learn the same`() throws {
    let run = Run(iterations: 12)
    let expected = try run.losses(of: try #require(Registry.named("sequential")))
    #expect((expected.last ?? .nan) <= 0.95 * (expected.first ?? .nan))
    for name in ["checkpoint", "fused", "chunked"] {
      let found = try run.losses(of: try #require(Registry.named(name)))
      try #require(found.count == expected.count)
      for (x, o) in zip(found, expected) { #expect((x - o).magnitude <= 1e-5, "\(name)") }
    }
  }

  @Test func `a layer without gradients stands out`() throws {
    let run = Run(iterations: 12)
    let expected = try run.losses(of: try #require(Registry.named("sequential")))
    let found = try run.losses(of: Numb())
    #expect(zip(found, expected).contains { ($0 - $1).magnitude > 1e-3 })
  }

  @Test func `curves that part by more than noise differ`() {
    let curve = (0..<20).map { 3 - Double($0) * 0.1 }
    let noise = curve.map { $0 + 1e-6 }
    func report(_ other: [Double]) -> TrainReport {
      TrainReport(names: ["one", "other"], curves: [curve, other], noise: noise)
    }
    #expect(report(curve.map { $0 + 3e-6 }).agrees)
    #expect(!report(curve.map { $0 + 3e-5 }).agrees)
    #expect(!report(curve.map { _ in .nan }).agrees)
    #expect(!report(curve.map { _ in .nan }).converges)
    #expect(report(curve).converges)
  }
}

/// The sequential form with a zero gradient of q.
private struct Numb: Implementation {
  var name: String { "numb" }
  var summary: String { "for tests" }
  var declaration: Declaration { Declaration() }
  func refusal(of problem: Problem) -> String? { nil }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    guard let sequential = Registry.named("sequential") else { preconditionFailure("no sequential form") }
    var evaluation = try sequential.evaluate(problem, request: request)
    evaluation.results[.dq] = evaluation[.dq].map { Tensor(shape: $0.shape) }
    return evaluation
  }
}
