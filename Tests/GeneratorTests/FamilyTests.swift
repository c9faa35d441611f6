import Generator
import Testing

@Suite struct FamilyTests {
  @Test func `nothing but the families is drawn, and each of them`() throws {
    var profile = Profile.standard
    profile.families = [try Family("Hk1-Hv2-Dk16-Dv32/bf16"), try Family("Hk2-Hv2-Dk64-Dv64/f16")]
    var drawn: [String: Int] = [:]
    for index in 0..<400 {
      let recipe = Recipe.draw(seed: 3, index: UInt64(index), profile: profile)
      #expect(profile.takes(recipe))
      #expect(throws: Never.self) { try recipe.validate() }
      drawn["Hk\(recipe.Hk)-Hv\(recipe.Hv)-Dk\(recipe.Dk)-Dv\(recipe.Dv) \(recipe.precision)", default: 0] +=
        1
    }
    #expect(drawn.count == 2 && drawn.values.allSatisfy { $0 > 100 }, "\(drawn)")
    #expect(!profile.takes(Recipe(T: 4)))
    #expect(Profile.standard.takes(Recipe(T: 4)))
  }

  @Test(arguments: [
    "Hk256-Hv256-Dk256-Dv256/f32", "Hk1-Hv64-Dk1024-Dv1021/bf16", "Hk256-Hv256-Dk1024-Dv1/f16",
  ])
  func `a family as large as a recipe may be is drawn with fewer tokens`(text: String) throws {
    for size in Profile.Size.allCases {
      var profile = Profile(size: size)
      profile.families = [try Family(text)]
      for index in 0..<200 {
        let recipe = Recipe.draw(seed: 3, index: UInt64(index), profile: profile)
        #expect(profile.takes(recipe))
        #expect(throws: Never.self) { try recipe.validate() }
      }
    }
  }

  @Test(arguments: [
    "", "x", "Hk1-Hv2-Dk16-Dv16", "Hk2-Hv3-Dk1-Dv1/bf16", "Hk1-Hv1-Dk1-Dv1/bf16/seed=2",
    "Hk1-Hv1-Dk1-Dv1/fp8",
    "Hk1-Hv1-Dk1-Dv1/model", "Hk1-Hv1-Dk1-Dv1/mask=all",
  ])
  func `what is no family is refused`(text: String) {
    #expect(throws: RecipeError.self) { try Family(text) }
  }
}
