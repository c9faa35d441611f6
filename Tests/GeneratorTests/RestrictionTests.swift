import GatedDeltaRule
import Generator
import Testing

/// What is left out of a run.
@Suite struct RestrictionTests {
  static let all: [Restriction] = {
    var core = Restriction()
    (core.level, core.excludesMasks) = (.core, true)
    var channels = Restriction()
    (channels.level, channels.decayKind) = (.model, .perChannel)
    var formats = Restriction()
    (formats.decayKind, formats.precisions) = (.scalar, [.bf16])
    return [core, channels, formats]
  }()

  @Test(arguments: all)
  func `nothing that is left out is drawn, and the other cases are what they were`(restriction: Restriction)
    throws
  {
    for size in Profile.Size.allCases {
      let open = Profile(size: size)
      var profile = open
      profile.restriction = restriction
      var kept = 0
      for index in 0..<UInt64(150) {
        let recipe = Recipe.draw(seed: 5, index: index, profile: profile)
        #expect(profile.takes(recipe), "\(recipe)")
        #expect(throws: Never.self) { try recipe.validate() }
        let before = Recipe.draw(seed: 5, index: index, profile: open)
        if restriction.holds(before) {
          kept += 1
          #expect(recipe == before)
        }
      }
      #expect(kept > 0 && kept < 150)
    }
  }

  @Test func `exact cases stay exact without masks, with one kind of decay and in one format`() {
    var profile = Profile.small
    profile.exactShare = 1
    (profile.restriction.excludesMasks, profile.restriction.decayKind) = (true, .perChannel)
    profile.restriction.precisions = [.fp32]
    for index in 0..<UInt64(40) {
      let recipe = Recipe.draw(seed: 5, index: index, profile: profile)
      #expect(recipe.isProvedExact && profile.takes(recipe), "\(recipe)")
    }
  }

  @Test func `what one leaves open the other fills`() {
    var asked = Restriction()
    asked.level = .core
    var learnt = Restriction()
    (learnt.level, learnt.excludesMasks, learnt.precisions) = (.model, true, [.bf16])
    let filled = asked.filled(by: learnt)
    #expect(filled.level == .core && filled.excludesMasks && filled.precisions == [.bf16])
    #expect(asked.filled(by: Restriction()) == asked)
  }

  @Test func `no label is missed for what is left out`() {
    var profile = Profile.small
    profile.restriction = RestrictionTests.all[0]
    var coverage = Coverage()
    for index in 0..<UInt64(600) { coverage.count(Recipe.draw(seed: 5, index: index, profile: profile)) }
    #expect(coverage.missed(in: profile).isEmpty, "\(coverage.missed(in: profile))")
    #expect(!coverage.missed(in: Profile.small).isEmpty)
  }
}
