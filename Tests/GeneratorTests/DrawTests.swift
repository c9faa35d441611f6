import GatedDeltaRule
import Generator
import Support
import Testing

/// Exact cases, which take a proof each, have tests of their own.
private let profiles: [Profile] = [
  .small, .standard, .large, Profile(size: .small, includesRawKeys: true, includesWideWrites: true),
].map(\.withoutExactCases)

@Test(arguments: profiles) func `every drawn recipe is valid`(profile: Profile) throws {
  for index in 0..<5000 {
    let recipe = Recipe.draw(seed: 3, index: UInt64(index), profile: profile)
    #expect(throws: Never.self) { try recipe.validate() }
  }
}

@Test func `every drawn recipe renders to a legal problem`() throws {
  for (profile, count) in [(Profile.small, 1000), (.standard, 100), (profiles[2], 5), (profiles[3], 1000)] {
    for index in 0..<count {
      let problem = try Recipe.draw(seed: 4, index: UInt64(index), profile: profile).render()
      #expect(throws: Never.self) {
        try Problem(
          shape: problem.shape, primals: problem.primals, mask: problem.mask, cotangents: problem.cotangents)
      }
    }
  }
}

@Test func `a case depends on its seed and number alone`() {
  let alone = Recipe.draw(seed: 5, index: 77)
  let run = (0..<100).map { Recipe.draw(seed: 5, index: UInt64($0)) }
  #expect(run[77] == alone)
  #expect(Set(run).count == 100)
  #expect(Recipe.draw(seed: 6, index: 77) != alone)
}

@Test(arguments: profiles.prefix(3))
func `five thousand draws reach the coverage that is asked for`(profile: Profile) {
  for seed in 1...3 {
    var coverage = Coverage()
    for index in 0..<5000 {
      coverage.count(Recipe.draw(seed: UInt64(seed), index: UInt64(index), profile: profile))
    }
    #expect(coverage.missed(in: profile).map(\.label) == [])
  }
}

@Test func `a run that lost a danger says so`() {
  var coverage = Coverage()
  for index in 0..<5000 {
    var recipe = Recipe.draw(seed: 1, index: UInt64(index), profile: profiles[1])
    if recipe.pad == .nan { recipe.pad = .noise }
    coverage.count(recipe)
  }
  #expect(coverage.missed(in: profiles[1]).map(\.label) == ["pad=nan"])
  #expect(coverage.count(of: "pad=nan") == 0)
  #expect(coverage.count(of: "no such label") == nil)
}

@Test func `counts of several workers add up to the count of one`() {
  var (one, even, odd) = (Coverage(), Coverage(), Coverage())
  for index in 0..<500 {
    let recipe = Recipe.draw(seed: 1, index: UInt64(index), profile: profiles[1])
    one.count(recipe)
    if index.isMultiple(of: 2) { even.count(recipe) } else { odd.count(recipe) }
  }
  even.add(odd)
  #expect(even.cases == 500)
  #expect(even.table.map(\.count) == one.table.map(\.count))
}

@Test func `labels have names of their own`() {
  #expect(Set(Label.all.map(\.name)).count == Label.all.count)
  #expect(Recipe(T: 4).labels.contains("keys=random"))
}

@Test func `what models rule out is drawn only where it is asked for`() {
  func isOptional(_ recipe: Recipe) -> Bool {
    if case .raw = recipe.keys { return true }
    if case .wide = recipe.write { return true }
    return false
  }
  let plain = (0..<2000).map { Recipe.draw(seed: 1, index: UInt64($0), profile: profiles[0]) }
  #expect(!plain.contains(where: isOptional))
  let asked = (0..<2000).map { Recipe.draw(seed: 1, index: UInt64($0), profile: profiles[3]) }
  #expect(asked.count(where: isOptional) > 100)
}

@Test func `sizes keep to their profile`() {
  for index in 0..<3000 {
    let small = Recipe.draw(seed: 2, index: UInt64(index), profile: profiles[0])
    #expect(small.T <= 33 && small.Dk <= 8 && small.Dv <= 8)
    #expect(small.B * small.T * small.Hv * small.Dk * small.Dv <= 1 << 13)
    let standard = Recipe.draw(seed: 2, index: UInt64(index), profile: profiles[1])
    #expect(standard.T <= 4096 && standard.Dk <= 256 && standard.Dv <= 256 && standard.B <= 8)
    #expect(standard.Hv <= 16 * standard.Hk && standard.Hk <= 4)
    #expect(standard.B * standard.T * standard.Hv * standard.Dk * standard.Dv <= 1 << 18)
  }
}

@Test func `three hundred standard cases have each size of a model and long calls a few times`() {
  for seed in 1...20 {
    let cases = (0..<300).map { Recipe.draw(seed: UInt64(seed), index: $0, profile: profiles[1]) }
    #expect(cases.count { $0.Hv >= 5 * $0.Hk } >= 3)
    #expect(cases.count { $0.Dk >= 64 } >= 3)
    #expect(cases.count { $0.Dv >= 64 } >= 3)
    #expect(cases.count { $0.T > 256 } >= 3)
    #expect(cases.count { $0.B > 3 } >= 3)
  }
  let many = (0..<5000).map { Recipe.draw(seed: 1, index: $0, profile: profiles[1]) }
  #expect(many.contains { $0.T == 4096 } && many.contains { $0.Dk >= 128 && $0.Dv >= 128 })
}

@Test(arguments: [Profile.Size.small, .standard, .large], [16, 64, 256])
func `a declared chunk is left in every size`(size: Profile.Size, chunk: Int) {
  var profile = Profile(size: size).withoutExactCases
  profile.chunk = chunk
  let cases = (0..<300).map { Recipe.draw(seed: 1, index: $0, profile: profile) }
  #expect(cases.count { $0.T > chunk } >= 30)
  #expect(cases.count { (1...15).contains($0.T - chunk) } >= 5)
  #expect(cases.allSatisfy { $0.B * $0.T * $0.Hv * $0.Dk * $0.Dv <= profile.work })
}

@Test func `the other cases are what they are without a chunk`() {
  var profile = profiles[0]
  profile.chunk = 64
  let same = (0..<500).count {
    Recipe.draw(seed: 1, index: $0, profile: profile) == Recipe.draw(seed: 1, index: $0, profile: profiles[0])
  }
  #expect(same > 300)
}
