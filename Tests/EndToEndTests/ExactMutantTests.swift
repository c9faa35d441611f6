import GatedDeltaRule
import Generator
import Mutants
import Oracle
import Testing

@Suite struct ExactMutantTests {
  /// What exact cases cannot show, by the reason.
  private static let invisible: [(reason: String, names: Set<String>)] = [
    (
      "the gates of a model are exact where A_log is 0 and the argument is 0 or far below: no other shows",
      [
        "sequential/rate-by-key-head", "sequential/softplus-overflows", "sequential/softplus-flat",
        "sequential/softplus-slope-collapses", "sequential/rate-gradient-without-rate",
        "checkpoint/rate-gradient-misses-token", "sequential/softplus-off-in-octave-in-fp32-alone",
      ]
    ),
    (
      "decay that is stronger than a few halves",
      [
        "sequential/log-decay-floor", "chunk/log-of-underflow", "chunk/exponentials-factored",
        "chunk/difference-held-at-fifty", "chunk/mask-after-exponential", "chunk/rows-past-end-overflow",
        "chunk/reverse-sum-from-total", "chunk-bf16/anchor-in-future", "channel-chunk/anchor-in-future",
        "channel-chunk/exponentials-factored", "channel-chunk/mask-after-exponential",
        "channel-chunk/rows-past-end-overflow",
      ]
    ),
    (
      "rounding, which there is none of",
      [
        "chunk-64/sub-block-32", "chunk/powers-half", "chunk/products-in-tensor-float",
        "sequential/sum-without-order", "sequential/sum-depends-on-batch", "sequential/inference-differs",
      ]
    ),
    (
      "what shows only in a second call, or in NaN that goes in: properties see it",
      [
        "sequential/mask-takes-another-path", "sequential/stale-state-for-one-token",
        "chunk/state-buffer-unwritten", "sequential/initial-state-overwritten", "fused/output-cached",
        "sequential/gradients-accumulate", "sequential/nan-is-zero", "sequential/nan-is-zero-in-training",
        "sequential/nan-gradients-are-zero", "sequential/scratch-of-two-threads",
      ]
    ),
    (
      "sizes that are not in every twenty cases: no tokens, five channels, decays per channel in five tokens",
      [
        "checkpoint/state-lost-without-tokens", "chunk/no-tokens-crash", "sequential/lanes-truncated",
        "sequential/group-of-four", "sequential/wide-keys-truncated",
        "channel-chunk/key-gradient-without-later",
      ]
    ),
  ]

  private static func isCaught(_ mutant: Mutant, by recipes: [Recipe]) throws -> Bool {
    let implementation = InBF16(mutant.implementation())
    return try recipes.contains { try CrossCheck($0).judge(implementation).failure != nil }
  }

  @Test func `structural faults in bf16 are caught by exact cases alone within twenty`() throws {
    var profile = Profile(size: .small)
    profile.exactShare = 1
    let recipes = (0..<20).map { Recipe.draw(seed: 1, index: $0, profile: profile) }
    let visible = Mutant.all.filter { mutant in
      mutant.kind != .precision && mutant.kind != .sessions
        && !Self.invisible.contains { $0.names.contains(mutant.name) }
    }
    #expect(visible.count == 109)
    let missed = try visible.filter { try !Self.isCaught($0, by: recipes) }
    #expect(missed.map(\.name) == [])
  }

  @Test func `what is said to be invisible names mutants`() {
    let names = Self.invisible.flatMap(\.names)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { Mutant.named($0) != nil })
  }
}
