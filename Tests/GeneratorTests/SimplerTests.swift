import GatedDeltaRule
import Generator
import Testing

/// A few hundred recipes of every kind.
private let recipes = (0..<300).map { index in
  Recipe.draw(
    seed: 11, index: UInt64(index),
    profile: Profile(
      size: index % 3 == 0 ? .small : .standard, includesRawKeys: true, includesWideWrites: true))
}

@Test func `every candidate is strictly simpler, valid, and no larger in any size`() throws {
  for recipe in recipes {
    let candidates = recipe.simpler()
    #expect(!candidates.isEmpty)
    #expect(Set(candidates).count == candidates.count)
    for candidate in candidates {
      #expect(candidate < recipe)
      #expect(throws: Never.self) { try candidate.validate() }
      let (small, large) = (candidate, recipe)
      #expect(small.B <= large.B && small.T <= large.T && small.Hk <= large.Hk)
      #expect(small.Hv <= large.Hv && small.Dk <= large.Dk && small.Dv <= large.Dv)
    }
  }
}

@Test func `candidates of small recipes render`() throws {
  let small = recipes.prefix(60).filter { $0.T < 40 }
  #expect(small.count > 20)
  for recipe in small {
    for candidate in recipe.simpler() { #expect(throws: Never.self) { try candidate.render() } }
  }
}

@Test(arguments: 0..<4) func `every chain of candidates ends at the simplest recipe`(choice: Int) {
  for recipe in recipes.prefix(100) {
    var (current, steps) = (recipe, 0)
    while case let candidates = current.simpler(), !candidates.isEmpty {
      // First, last, middle, and one that changes with the step.
      let last = candidates.count - 1
      current = candidates[[0, last, last / 2, steps % candidates.count][choice]]
      steps += 1
      guard steps < 2000 else { break }
    }
    #expect(steps < 2000)
    #expect(
      current.text == "v1/B1-T0-Hk1-Hv1-Dk1-Dv1/keys=equal/decay=none/write=0/f32/seed=0", "from \(recipe)")
  }
}

@Test func `the order is total and agrees with equality`() {
  for (index, left) in recipes.enumerated() {
    for right in recipes.suffix(from: index) {
      let relations = [left < right, right < left, left == right].count { $0 }
      #expect(relations == 1)
    }
  }
  let sorted = recipes.sorted()
  let inversions = sorted.enumerated().flatMap { index, one in sorted[index...].filter { $0 < one } }
  #expect(inversions.isEmpty)
}

@Test func `sizes come before everything else, and a seed last`() throws {
  let order = [
    Recipe(T: 3, keys: .orthogonal, seed: 9), Recipe(T: 4, keys: .equal, seed: 9),
    Recipe(T: 4, keys: .random),
    Recipe(T: 4, keys: .random, seed: 2), Recipe(T: 4, level: .model), Recipe(B: 2, T: 1),
  ]
  #expect(order.reversed().sorted() == order)
}

@Test func `a number with a shorter text is simpler`() {
  let levels = [-1, -5, -20, -300, -27.6, -0.001].map { Recipe(T: 1, decay: .constant($0)) }
  #expect(levels.reversed().sorted() == levels)
}

@Test func `left padding is taken away with its tokens`() {
  let recipe = Recipe(T: 10, mask: .left(4), pad: .nan)
  #expect(recipe.simpler().contains(Recipe(T: 6)))
}

@Test func `one part made plain leaves the others as they were`() throws {
  let recipe = Recipe(B: 2, T: 9, level: .model, keys: .equal, decay: .input(88, noise: 1), A_log: .heads)
  let parts = recipe.madePlain()
  #expect(parts.map(\.part) == ["batch rows", "model level", "keys", "decay", "A_log"])
  for (_, plain) in parts { #expect(throws: Never.self) { try plain.validate() } }
  #expect(parts[2].recipe.text == recipe.text.replacing("keys=equal", with: "keys=random"))
}
