import GatedDeltaRule
import Generator
import Implementations
import Oracle
import Support
import Testing

/// Another name for an implementation, with another declaration or a refusal.
private struct Alias: Implementation {
  let name: String
  let summary = "another name"
  var base: any Implementation
  var isRefusing = false

  var declaration: Declaration {
    var declaration = base.declaration
    declaration.kin = nil
    return declaration
  }
  func refusal(of problem: Problem) -> String? { isRefusing ? "takes nothing" : base.refusal(of: problem) }
  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    try base.evaluate(problem, request: request)
  }
}

/// A run says when it should not be believed.
@Suite struct HealthTests {
  func healthProblems(
    of implementations: [any Implementation], cases: Int, _ profile: Profile = .small
  ) throws -> [HealthProblem] {
    var plan = Campaign.Plan.small(implementations, seed: 3, cases: cases)
    plan.profile = profile
    return try plan.run().healthProblems
  }

  @Test func `an honest run is healthy`() throws {
    let implementations = try ["sequential", "checkpoint", "fused", "chunked-stable"].map {
      try #require(Registry.named($0))
    }
    #expect(try healthProblems(of: implementations, cases: 600) == [])
  }

  @Test func `one implementation under two names is seen`() throws {
    let fused = try #require(Registry.named("fused"))
    let found = try healthProblems(of: [fused, Alias(name: "copy", base: fused)], cases: 150)
    #expect(found == [.twins("fused", "copy", share: 1)])
  }

  @Test func `who refuses everything is not called tested`() throws {
    let sequential = try #require(Registry.named("sequential"))
    let silent = Alias(name: "silent", base: sequential, isRefusing: true)
    #expect(try healthProblems(of: [silent], cases: 600, .standard).contains(.untested("silent", share: 1)))
  }

  @Test func `a gradient that is left out now and then is noticed`() throws {
    let found = try healthProblems(of: [Forgetful()], cases: 100)
    #expect(found.count == 1)
    guard case .sometimesMissing("forgetful", "dk", let share) = found.first else {
      Issue.record("\(found)")
      return
    }
    #expect(share > 0.1 && share < 0.9)
  }

  /// Has no dk where Dk is odd.
  private struct Forgetful: ImplementationWrapper {
    let name = "forgetful"
    let base: any Implementation = Registry.named("sequential")!
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      var evaluation = try base.evaluate(problem, request: request)
      if problem.shape.Dk % 2 == 1 { evaluation.results[.dk] = nil }
      return evaluation
    }
  }

  @Test func `a bound that nobody comes near is called loose, one that everybody fills tight`() throws {
    for (factor, isLoose) in [(1e-3, true), (0.9, false)] {
      let measured = Measured(fraction: factor)
      let found = try healthProblems(of: [measured], cases: 1200)
      let loose = found.contains { if case .looseBound(.y, _) = $0 { true } else { false } }
      let tight = found.contains { if case .tightBound(_, .y, _) = $0 { true } else { false } }
      #expect(loose == isLoose)
      #expect(tight == !isLoose)
    }
  }

  @Test func `few cases say nothing of a bound, through however many implementations they went`() throws {
    let several = (0..<7).map { Measured(name: "measured \($0)", fraction: 1e-3) }
    let found = try healthProblems(of: several, cases: 100)
    #expect(!found.contains { if case .looseBound = $0 { true } else { false } })
  }

  /// The reference with an error of a known fraction of the bound.
  private struct Measured: Implementation {
    var name = "measured"
    let summary = "the reference, off by a fraction of what it may be"
    let fraction: Double
    var declaration: Declaration { Declaration(offersDouble: false) }
    func refusal(of problem: Problem) -> String? { nil }
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      let bound = Bound(problem, for: declaration)
      var results = Reference(problem).values
      for quantity in results.keys {
        let allowed = bound[quantity]?.values ?? []
        for i in allowed.indices where allowed[i].isFinite {
          let isDead = quantity.isPerToken && quantity.isGradient && results[quantity]!.values[i] == 0
          if !isDead { results[quantity]!.values[i] += fraction * allowed[i] }
        }
        results[quantity] = Tensor(
          shape: results[quantity]!.shape, precision: .fp32, values: results[quantity]!.values)
      }
      return Evaluation(results: results)
    }
  }
}

@Suite struct GuidedSearchTests {
  @Test func `a step is another recipe that is a problem, and the same from the same seed`() throws {
    for index in 0..<1500 {
      let recipe = Recipe.draw(seed: 5, index: UInt64(index), profile: .small)
      let next = recipe.neighbour(seed: 9, index: UInt64(index), in: .small)
      #expect(next == recipe.neighbour(seed: 9, index: UInt64(index), in: .small))
      #expect(try Recipe(next.text) == next)
      try next.validate()
    }
  }

  @Test func `climbing finds worse cases than drawing as many`() throws {
    let chunked = try #require(Registry.named("chunked"))
    var gains: [Double] = []
    for seed in [UInt64(1), 2, 3, 4, 5] {
      let worst = [false, true].map { climbs in
        var search = GuidedSearch(chunked, profile: .small, seed: seed)
        search.climbs = climbs
        return search.run(evaluations: 200).worst
      }
      gains.append(worst[1] / worst[0])
    }
    #expect(gains.sorted()[2] > 1)
  }
}
