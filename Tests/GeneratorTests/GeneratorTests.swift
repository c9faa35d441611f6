import GatedDeltaRule
import Generator
import Testing

@Test func `look`() throws {
  for profile in [Profile.small, .standard, .large] {
    for i in 0..<12 { 
      let recipe = Recipe.draw(seed: 1, index: UInt64(i), profile: profile)
      print(recipe, recipe.text.utf8.count) }
    var longest = 0
    var work = 0
    for i in 0..<2000 { 
      let recipe = Recipe.draw(seed: 1, index: UInt64(i), profile: profile)
      longest = max(longest, recipe.text.utf8.count)
      work += recipe.B*recipe.T*recipe.Hv*recipe.Dk*recipe.Dv
      #expect(try Recipe(recipe.text) == recipe)
    }
    print(longest, work/2000)
  }
}
