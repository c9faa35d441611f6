import GatedDeltaRule
import Generator
import Mutants
import Oracle
import Testing

/// Engines, tested in sessions: clean ones do not fail, planted faults are found and reduced to what they are.
@Suite struct SessionMutantTests {
  /// Small cases that come in several calls, those of the command.
  private static let profile: Profile = {
    var profile = Profile.small.withoutExactCases
    profile.sessionShare = 1
    return profile
  }()

  static let mutants = Mutant.all.filter { $0.kind == .sessions }

  @Test func `clean engines do not fail in sessions`() throws {
    var agreed: [String: Int] = [:]
    for index in 0..<UInt64(400) {
      let recipe = Recipe.draw(seed: 11, index: index, profile: Self.profile)
      let check = try CrossCheck(recipe)
      for engine in EngineSpecimen.clean {
        let result = check.judge(engine, properties: .drawn)
        #expect(result.failure == nil, "\(engine.name) on \(recipe.text)")
        if result.properties.contains("session") { agreed[engine.name, default: 0] += 1 }
      }
    }
    #expect(agreed["engine", default: 0] > 300 && agreed["engine-chunk", default: 0] > 200)
  }

  @Test func `every mutant of sessions asks for them`() {
    #expect(Self.mutants.count == 56)
    #expect(Self.mutants.allSatisfy { $0.needs == .sessions && $0.clean is EngineSpecimen })
    #expect(Set(Self.mutants.map(\.clean.name)) == Set(EngineSpecimen.clean.map(\.name)))
  }

  /// What is right in one call is judged there like its clean specimen.
  @Test func `one call shows nothing of a session's fault`() throws {
    for index in 0..<UInt64(20) {
      let recipe = Recipe.draw(seed: 5, index: index, profile: .small)
      var bare = recipe
      bare.calls = nil
      let check = try CrossCheck(bare)
      for mutant in Self.mutants {
        let result = check.judge(mutant.implementation(), properties: .drawn)
        #expect(result.failure == nil, "\(mutant.name) on \(bare.text)")
      }
    }
  }

  @Test(arguments: mutants.map(\.name))
  func `a mutant is caught from each of three seeds`(name: String) throws {
    let mutant = try #require(Mutant.named(name))
    for seed in UInt64(1)...3 {
      let caught = try Self.caught(mutant, seed: seed)
      #expect(caught != nil, "\(name) escaped from seed \(seed)")
    }
  }

  /// The first case of a seed on which a mutant fails in a session.
  private static func caught(_ mutant: Mutant, seed: UInt64) throws -> (recipe: Recipe, result: CaseResult)? {
    let implementation = mutant.implementation()
    for index in 0..<UInt64(1000) {
      let recipe = Recipe.draw(seed: seed, index: index, profile: profile)
      let result = try CrossCheck(recipe).judge(implementation, properties: .drawn)
      if result.failure != nil { return (recipe, result) }
    }
    return nil
  }

  /// One for each thing that goes wrong, and the one line that it comes down to.
  static let minimal: [(mutant: String, recipe: String)] = [
    ("engine/padding-is-last-slot", "write=1/calls=prefill:1@x"),
    ("engine/slot-of-first-row", "write=0/state=random/calls=prefill:0"),
    ("engine/continued-without-state", "write=0/state=random/calls=prefill:2"),
    ("engine/fresh-ignored", "write=0/calls=prefill:0/pool=1"),
    ("engine-chunk/fresh-times-zero", "write=0/calls=prefill:0/pool=1:nan"),
    ("engine/empty-row-unwritten", "write=0/calls=prefill:0/pool=1"),
    ("engine/verify-writes-pool", "write=1/calls=verify:1:0"),
    ("engine/length-of-first-row", "write=0/state=random/calls=prefill:0.1"),
    ("engine-chunk/last-token-at-edge", "write=0/state=random/calls=prefill:9"),
    ("engine/decode-without-decay", "write=0/state=random/calls=prefill:1"),
    ("engine/padding-advances", "write=0/state=random/calls=padded,prefill:0.1"),
    ("engine/mask-of-last-call", "write=0/state=random/calls=padded,prefill:0.1"),
    ("engine/rejected-stay", "write=1/calls=verify:1:0"),
    ("engine/keeps-one-too-few", "write=1/calls=verify:1:1"),
    ("engine/accepted-of-first-row", "write=1/calls=verify:1:0.1"),
    ("engine/fork-backwards", "write=0/state=random/calls=fork"),
  ]

  /// A fresh one for every recipe: what one call leaves behind is no reason for another to fail.
  @Test(arguments: minimal)
  func `a mutant comes down to`(name: String, recipe: String) throws {
    let mutant = try #require(Mutant.named(name))
    let caught = try #require(try Self.caught(mutant, seed: 1), "\(name) escaped")
    let reduced = Shrinker().shrink(caught.recipe, caught.result) { recipe in
      try? CrossCheck(recipe).judge(mutant.implementation(), properties: .like(caught.result.failure))
    }.0
    #expect(reduced.isMinimal)
    #expect(reduced.recipe.text.hasSuffix("/\(recipe)/f32/seed=0"), "\(reduced.recipe.text)")
  }
}
