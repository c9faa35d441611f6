import GatedDeltaRule
import Generator
import Testing

private func profile(_ size: Profile.Size) -> Profile {
  var profile = Profile(size: size)
  profile.exactShare = 1
  return profile
}

/// A problem whose proof holds, and what is not exact about it after a change.
private let sound = try! Recipe(
  "v1/B1-T9-Hk1-Hv2-Dk4-Dv3/numbers=exact:2:50/keys=random/decay=halves:0.1/write=halves:0.2:0.1/state=random/dstate=random/f32/seed=3"
)

@Test func `every exact case that is drawn is proved`() throws {
  for (size, count) in [(Profile.Size.small, 300), (.standard, 30)] {
    for index in 0..<count {
      let recipe = Recipe.draw(seed: 8, index: UInt64(index), profile: profile(size))
      #expect(recipe.isExact)
      #expect(throws: Never.self) { try recipe.validate() }
      #expect(recipe.isProvedExact, "\(recipe.text)")
      #expect(try Recipe(recipe.text) == recipe)
      #expect(recipe.text.utf8.count <= Recipe.Limit.characters)
    }
  }
}

@Test func `the problem that drawing has proved is the one that the recipe makes`() throws {
  var half = Profile(size: .small)
  half.exactShare = 0.5
  var count = 0
  for index: UInt64 in 0..<60 {
    let drawn = Recipe.drawn(seed: 4, index: index, profile: half)
    guard let proved = drawn.proved else { continue }
    count += 1
    // What masked tokens hold may be NaN.
    #expect(try drawn.recipe.render().digest == proved.digest, "\(drawn.recipe.text)")
    #expect(proved.obstacle(to: .strictest) == nil, "\(drawn.recipe.text)")
  }
  #expect(count > 10)
}

@Test func `what is proved for eight bits is proved for every declared form and format`() throws {
  var declarations = [Declaration(), Declaration(form: .chunked(length: 64))]
  for products in [ProductFormat.bf16, .fp16, .tf32] {
    var declaration = Declaration(form: .chunked(length: 64), headPrecision: .bf16)
    declaration.products = products
    declarations.append(declaration)
  }
  for index in 0..<60 {
    let problem = try Recipe.draw(seed: 9, index: UInt64(index), profile: profile(.small)).render()
    for declaration in declarations {
      for inputs in [Precision.fp32, .bf16, .fp16] {
        let arithmetic = ExactArithmetic(declaration, inputs: inputs)
        #expect(ExactArithmetic.strictest.covers(arithmetic))
        #expect(problem.obstacle(to: arithmetic) == nil)
      }
    }
  }
}

@Test func `a value that does not fit is refused by the proof`() throws {
  let problem = try sound.render()
  #expect(problem.obstacle(to: .strictest) == nil)
  let changes: [(String, (inout Primals) -> Void)] = [
    ("nine bits of v", { $0.v.values[0] = 257 }), ("no number of the grid", { $0.v.values[0] = 0.1 }),
    ("a key of two channels", { primals in for c in 0..<4 { primals.k.values[c] = 1 } }),
    ("a key that is no unit", { primals in for c in 0..<4 { primals.k.values[c] *= 3 } }),
    ("half a query", { primals in for c in 0..<4 { primals.q.values[c] *= 0.5 } }),
    ("a state past the grid", { $0.state?.values[0] = 2048 }),
    ("a state of thirteen bits of fraction", { $0.state?.values[0] = 0x1p-13 }),
  ]
  for (what, change) in changes {
    var primals = problem.primals
    change(&primals)
    let changed = try Problem(shape: problem.shape, primals: primals, cotangents: problem.cotangents)
    #expect(changed.obstacle(to: .strictest) != nil, "\(what)")
  }
  for (g, beta) in [(0.75, 1.0), (0.25, 1), (0, 1), (1, 0.25), (1, 2)] {
    var primals = problem.primals
    primals.gates = .core(
      g: Tensor(shape: problem.shape.gate, repeating: g),
      beta: Tensor(shape: problem.shape.token, repeating: beta))
    let changed = try Problem(shape: problem.shape, primals: primals, cotangents: problem.cotangents)
    #expect(changed.obstacle(to: .strictest) != nil, "g \(g), beta \(beta)")
  }
}

@Test func `more bits let more through`() throws {
  let recipe = try Recipe(
    "v1/B1-T8-Hk1-Hv1-Dk8-Dv8/numbers=exact:6:60/keys=random/decay=none/write=1/state=random/f32/seed=1")
  let problem = try recipe.render()
  #expect(problem.obstacle(to: .strictest) != nil)
  #expect(problem.obstacle(to: ExactArithmetic(chunk: 64, bits: 24)) == nil)
}

@Test func `the share of exact cases changes no other case`() {
  var none = Profile.small
  none.exactShare = 0
  let count = (0..<1000).count { index in
    let recipe = Recipe.draw(seed: 5, index: UInt64(index), profile: .small)
    let plain = Recipe.draw(seed: 5, index: UInt64(index), profile: none)
    #expect(recipe == plain || recipe.isExact)
    #expect(!plain.isExact)
    return recipe.isExact
  }
  #expect((60...140).contains(count))
}

@Test(arguments: ["", "dt_bias=1/", "dt_bias=-2/"], ["f32", "bf16", "f16"])
func `gates of a model reach halves`(bias: String, format: String) throws {
  let text =
    "v1/B1-T12-Hk1-Hv2-Dk4-Dv2/model/numbers=exact:1:50/keys=random/decay=halves:0.3/\(bias)write=halves:0.3:0.3/state=random/dstate=random/\(format)/seed=0"
  let problem = try Recipe(text).render()
  #expect(problem.obstacle(to: .strictest) == nil)
  guard case .model(let a, let b, _, let dt_bias) = problem.primals.gates else {
    Issue.record("no model")
    return
  }
  let inputs = Set(a.values.enumerated().map { $1 + dt_bias.values[$0 % 2] })
  #expect(inputs == [0, -200] && Set(b.values) == [0, -200, 40])
  var other = try Recipe(text)
  other.A_log = .constant(1)
  #expect(try other.render().obstacle(to: .strictest) == "a decay is neither 1 nor 1/2")
}

@Test(arguments: [
  "decay=log", "gate=bounded:-5", "layout=kv,state=bf16", "scale=rsqrt", "qk=l2norm:1e-6,scale=rsqrt",
  "qk=l2norm:1e-12,scale=0.125,decay=log",
])
func `exact cases of other rules are proved`(text: String) throws {
  var profile = profile(.small)
  profile.contracts = .one(try Contract(text))
  var halved = 0
  for index in 0..<60 {
    let recipe = Recipe.draw(seed: 3, index: UInt64(index), profile: profile)
    #expect(recipe.isExact && recipe.isProvedExact, "\(recipe.text)")
    #expect(recipe.level == .core || recipe.contract.gate == .softplus)
    if case .halves(let chance) = recipe.decay, chance > 0 { halved += 1 }
    let problem = try recipe.render()
    let lengths = Set((problem.primals.q.values + problem.primals.k.values).map(\.magnitude))
    if recipe.contract.queryKey != .given, recipe.mask == .none { #expect(lengths.isSubset(of: [0, 16])) }
  }
  #expect(halved > 10)
}

@Test func `rules that round whole numbers have no exact cases`() throws {
  for text in ["qk=l2norm:1", "qk=l2norm:1e-6,scale=0.3"] {
    var profile = profile(.small)
    profile.contracts = .one(try Contract(text))
    #expect(profile.reasonAgainstExactCases == "the rule \(text) rounds q and k")
    #expect(!Recipe.draw(seed: 3, index: 0, profile: profile).isExact)
  }
  var profile = profile(.small)
  (profile.contracts, profile.families) = (
    .one(try Contract("scale=rsqrt")), [try Family("Hk1-Hv1-Dk32-Dv8/f32")]
  )
  #expect(profile.reasonAgainstExactCases != nil)
  profile.families.append(try Family("Hk1-Hv1-Dk16-Dv8/f32"))
  #expect(profile.reasonAgainstExactCases == nil)
}

@Test func `what is no exact number is refused`() throws {
  #expect(throws: RecipeError.self) {
    try Recipe("v1/B1-T4-Hk1-Hv1-Dk2-Dv2/numbers=exact:300:50/keys=random/decay=none/write=1/f32/seed=0")
  }
}

@Test func `coverage counts what exact cases must be examples of`() {
  for size in [Profile.Size.small, .standard] {
    var coverage = Coverage()
    for index in 0..<200 {
      coverage.count(Recipe.draw(seed: 2, index: UInt64(index), profile: profile(size)))
    }
    #expect(coverage.missed(in: profile(size)).map(\.label) == [])
    #expect(coverage.count(of: "exact") == 200)
  }
}
