import GatedDeltaRule
import Generator
import Implementations
import Mutants
import Oracle
import Support
import Testing

/// The tester, tested: clean specimens do not fail, planted faults are found and reduced to what they are.
@Suite struct MutantTests {
  @Test func `every mutant has a name of its own, a sentence and a model`() {
    #expect(Mutant.all.count == 244)
    #expect(Set(Mutant.all.map(\.name)).count == Mutant.all.count)
    #expect(Set(Mutant.all.map(\.fault)).count == Mutant.all.count)
    #expect(Mutant.all.allSatisfy { !$0.model.isEmpty && !$0.fault.isEmpty })
    #expect(Set(Mutant.all.map(\.kind)) == Set(Mutant.Kind.allCases))
    #expect(Set(Mutant.all.map(\.clean.name)) == Set(Mutant.clean.map(\.name)))
  }

  @Test func `clean specimens do not fail`() throws {
    var (agreed, scalar): ([String: Int], Int) = ([:], 0)
    for index in 0..<UInt64(200) {
      let recipe = Recipe.draw(seed: 7, index: index, profile: .small)
      if recipe.decayKind == .scalar { scalar += 1 }
      for result in try EvaluatedCase(recipe, by: Specimen.clean).results {
        #expect(result.failure == nil, "\(result.implementation) on \(recipe.text)")
        if result.grade == .agrees { agreed[result.implementation, default: 0] += 1 }
      }
    }
    // The chunked specimens take one kind of decay each.
    #expect(
      agreed == [
        "sequential": 200, "checkpoint": 200, "fused": 200, "chunk": scalar, "chunk-64": scalar,
        "chunk-bf16": scalar, "channel-chunk": 200 - scalar,
      ])
  }

  /// fp64 shows nothing of it, as it would of an unstable algorithm; and an unstable algorithm that is exact in fp64 by
  /// chance is not taken for a cast.
  @Test(arguments: [
    (
      "sequential/beta-bf16-in-fp32-alone",
      "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0.9/f32/seed=0", Disagreement.Cause.lowPrecision
    ),
    (
      "chunked",
      "v1/B2-T32-Hk1-Hv4-Dk1-Dv5/model/keys=orthogonal/decay=input:-200:0/A_log=2.7726/dt_bias=heads/write=1/dy=zeros/dstate=random/f32/seed=31662",
      .unstable
    ),
  ])
  func `a cast in fp32 alone is no instability`(
    name: String, recipe: String, cause: Disagreement.Cause
  ) throws {
    let tested = try #require(Registry.named(name) ?? Mutant.named(name)?.implementation())
    let judgement = try CrossCheck(Recipe(recipe)).judge(tested).judgement
    #expect(!judgement.doubleRatios.isEmpty && judgement.doubleRatios.values.allSatisfy { $0 < 1 })
    switch judgement.verdict {
    case .disagrees(let found): #expect(found.cause == cause && cause == .lowPrecision)
    case .degraded(let found): #expect(found.cause == cause && cause == .unstable)
    default: Issue.record("\(judgement.verdict)")
    }
  }

  /// Some of every class, and the one line that each comes down to.
  static let minimal: [(mutant: String, recipe: String)] = [
    (
      "sequential/rate-by-key-head",
      "v1/B1-T1-Hk1-Hv2-Dk1-Dv1/model/keys=equal/decay=-1/A_log=heads/write=0/f32/seed=0"
    ),
    (
      "sequential/bias-gradient-of-last-row",
      "v1/B2-T1-Hk1-Hv1-Dk1-Dv1/model/keys=equal/decay=-1/write=0/state=random/f32/seed=0"
    ),
    (
      "fused/write-gradient-without-slope",
      "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/model/keys=equal/decay=none/write=1/f32/seed=0"
    ),
    (
      "sequential/prediction-before-decay",
      "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=-1/write=1/state=random/f32/seed=0"
    ),
    (
      "sequential/lanes-truncated",
      "v1/B1-T1-Hk1-Hv1-Dk5-Dv1/keys=equal/decay=none/write=0/state=random/f32/seed=0"
    ),
    ("sequential/key-head-modulo", "v1/B1-T1-Hk2-Hv4-Dk1-Dv1/keys=equal/decay=none/write=0/f32/seed=0"),
    (
      "fused/gate-of-first-head",
      "v1/B1-T1-Hk1-Hv2-Dk1-Dv1/keys=equal/decay=random:-1:1/write=0/f32/seed=0"
    ),
    (
      "sequential/mask-late",
      "v1/B1-T2-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/mask=left:1/f32/seed=0"
    ),
    // Met where a pad is put before the tokens, of which there may be none.
    (
      "chunk/mask-multiplies",
      "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/mask=left:1/pad=inf/f32/seed=0"
    ),
    (
      "sequential/initial-state-transposed",
      "v1/B1-T0-Hk1-Hv1-Dk2-Dv2/keys=equal/decay=none/write=0/state=random/f32/seed=0"
    ),
    (
      "checkpoint/cotangent-dropped-at-segments",
      "v1/B1-T5-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/f32/seed=0"
    ),
    (
      "sequential/beta-gradient-undecayed",
      "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=-1/write=0/state=random/f32/seed=0"
    ),
    ("fused/beta-gradient-of-last-tile", "v1/B1-T1-Hk1-Hv1-Dk1-Dv5/keys=equal/decay=none/write=0/f32/seed=0"),
    ("chunk/running-sum-global", "v1/B1-T9-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=-1/write=0/f32/seed=0"),
    ("chunk/tie-is-zero", "v1/B1-T2-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/f32/seed=0"),
    (
      "channel-chunk/key-gradient-without-later",
      "v1/B1-T5-Hk1-Hv1-Dk1-Dv1/channels/keys=equal/decay=none/write=1/f32/seed=0"
    ),
    (
      "channel-chunk/read-ungated",
      "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/channels/keys=equal/decay=-1/write=1/state=random/f32/seed=0"
    ),
    ("chunk/off-diagonal-unsolved", "v1/B1-T5-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=1/f32/seed=0"),
    ("chunk-64/sub-block-32", "v1/B1-T26-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=1/f32/seed=0"),
    (
      "chunk/chunk-decay-without-state",
      "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/state=random/dstate=random/f32/seed=0"
    ),
    ("chunk/backward-of-half-chunk", "v1/B1-T5-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=-1/write=0/f32/seed=0"),
    (
      "sequential/half-taken-for-bf16",
      "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/f16/seed=0"
    ),
    ("chunk/no-tokens-crash", "v1/B1-T0-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/f32/seed=0"),
    (
      "sequential/masked-row-crash",
      "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/mask=left:1/f32/seed=0"
    ),
    ("sequential/nan-is-zero", "v1/B1-T1-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/f32/seed=0"),
  ]

  /// Those of sessions have tests of their own.
  @Test func `the minimal recipes are of every class`() throws {
    let kinds = try Self.minimal.map { try #require(Mutant.named($0.mutant)).kind }
    #expect(Set(kinds) == Set(Mutant.Kind.allCases).subtracting([.sessions]))
  }

  @Test(arguments: minimal)
  func `a mutant is caught and comes down to`(mutant: String, recipe: String) throws {
    let faulty = try #require(Mutant.named(mutant)).implementation()
    var plan = Campaign.Plan.small([faulty], seed: 1, cases: 2000)
    plan.failsFast = true
    let summary = try plan.run()
    let found = try #require(summary.findings.first, "\(mutant) escaped")
    #expect(found.shrunk.recipe.text == recipe)
    // With fewer tokens a sum of powers fails by less.
    #expect(found.shrunk.isMinimal || found.shrunk.failure.kind == "unstable")
  }
}
