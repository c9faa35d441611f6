import GatedDeltaRule
import Generator
import Implementations
import Mutants
import Oracle
import Support
import Testing

/// Who finds a fault must also say it in the fewest words: the minimal recipe itself is asserted, from many seeds.
@Suite struct ShrinkTests {
  /// The first finding in a run of small cases.
  func minimal(_ fault: any Implementation, seed: UInt64) throws -> Campaign.Found {
    var plan = Campaign.Plan.small([fault], seed: seed, cases: 2000)
    plan.failsFast = true
    // Sessions have normal forms of their own.
    plan.profile.sessionShare = 0
    let summary = try plan.run()
    return try #require(summary.findings.first, "\(fault.name) was not found from seed \(seed)")
  }

  /// Each fault and its normal form.
  static let faults: [(String, String)] = [
    ("sequential/beta-large", form("T1-Hk1-Hv1", "decay=none/write=1")),
    ("chunk/mask-keeps-decay", form("T1-Hk1-Hv1", "decay=none/write=0/dstate=random/mask=left:1")),
    ("sequential/group-misses-head", form("T1-Hk1-Hv2", "decay=none/write=0/state=random")),
    ("checkpoint/token-dropped", form("T2-Hk1-Hv1", "decay=none/write=0")),
    ("fused/final-state-bf16", form("T0-Hk1-Hv1", "decay=none/write=0/state=random")),
    // Seen by a law that puts pads before the tokens, or as it is: with one form.
    ("fused/mask-is-length", form("T2-Hk1-Hv1", "decay=none/write=0/mask=left:1")),
    ("sequential/decay-gradient-base-two", form("T1-Hk1-Hv1", "decay=none/write=0/state=random")),
  ]

  private static func form(_ sizes: String, _ rest: String) -> String {
    "v1/B1-\(sizes)-Dk1-Dv1/keys=equal/\(rest)/f32/seed=0"
  }

  @Test(arguments: faults.indices)
  func `a planted fault shrinks to its normal form from every seed`(index: Int) throws {
    let (name, form) = Self.faults[index]
    let fault = try #require(Mutant.named(name)).implementation()
    for seed in 1...6 {
      let found = try minimal(fault, seed: UInt64(seed))
      #expect(found.shrunk.recipe.text == form, "\(fault.name), seed \(seed)")
      #expect(found.shrunk.isMinimal)
      #expect(found.shrunk.evaluations <= 1600)
    }
  }

  @Test func `sub-blocks of 32 shrink to one head, one channel and the fewest tokens that show it`() throws {
    let control = try #require(Registry.named("chunked-sb32"))
    for seed in 1...3 {
      var plan = Campaign.Plan.small([control], seed: UInt64(seed), cases: 200)
      plan.profile = .standard
      let summary = try plan.run()
      let found = try #require(summary.caught.first)
      let recipe = found.shrunk.recipe
      #expect([recipe.B, recipe.Hk, recipe.Hv, recipe.Dk, recipe.Dv] == [1, 1, 1, 1, 1])
      #expect((17...32).contains(recipe.T), "\(recipe)")
      #expect(recipe.keys == .equal && recipe.mask == .none && recipe.state == .none)
      // With fewer tokens it fails by less, which is no minimum but the end of a reduction.
      #expect(found.shrunk.isMinimal != found.shrunk.hasSimplerFailures)
    }
  }
}
