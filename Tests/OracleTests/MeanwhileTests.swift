import Dispatch
import Foundation
import GatedDeltaRule
import Generator
import Support
import Synchronization
import Testing

@testable import Oracle

/// While an implementation computes elsewhere, its answer's reference is measured.
@Suite struct MeanwhileTests {
  /// The reference as an answer, from a process of its own or as if it were built in.
  private struct Elsewhere: Implementation {
    var name = "elsewhere"
    var summary = "the reference, rounded"
    var declaration = Declaration(offersDouble: false)
    var sharesMemory: Bool
    /// Signalled where it is asked what it declares while it computes.
    var isMeasured: DispatchSemaphore?
    private let isAsked = Asked()

    private final class Asked: Sendable { let now = Atomic(false) }

    init(sharesMemory: Bool, isMeasured: DispatchSemaphore? = nil) {
      (self.sharesMemory, self.isMeasured) = (sharesMemory, isMeasured)
    }

    func declaration(for problem: Problem) -> Declaration {
      if isAsked.now.load(ordering: .acquiring) { isMeasured?.signal() }
      return declaration
    }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      isAsked.now.store(true, ordering: .releasing)
      defer { isAsked.now.store(false, ordering: .releasing) }
      if let isMeasured, isMeasured.wait(timeout: .now() + 20) == .timedOut {
        throw Refusal("nobody measures")
      }
      return Evaluation(
        results: Reference(problem).values.mapValues { $0.rounded(to: .fp32) }
          .filter { request.gradients || !$0.key.isGradient })
    }
  }

  @Test(.enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1))
  func `it is measured before there is an answer`() throws {
    let implementation = Elsewhere(sharesMemory: false, isMeasured: DispatchSemaphore(value: 0))
    let problem = try Sample(shape: Shape(B: 1, T: 5, Hk: 1, Hv: 2, Dk: 3, Dv: 4)).problem
    guard case .agrees = CrossCheck(problem).judge(implementation).judgement.verdict else {
      Issue.record("nothing is measured while the answer is waited for")
      return
    }
  }

  @Test func `results are those of an implementation that is not waited for`() throws {
    for index: UInt64 in 0..<40 {
      let recipe = Recipe.draw(seed: 3, index: index, profile: Profile(size: .small))
      let both = try [true, false].map { sharesMemory in
        try EvaluatedCase(recipe, by: [Elsewhere(sharesMemory: sharesMemory)], properties: .all).results[0]
      }
      #expect(both[0].judgement == both[1].judgement, "\(recipe)")
      #expect(both[0].properties == both[1].properties && both[0].fingerprint == both[1].fingerprint)
      #expect(both[0].failure == both[1].failure, "\(recipe)")
    }
  }
}
