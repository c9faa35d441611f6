import GatedDeltaRule
import Generator
import Implementations
import Mutants
import Oracle
import Support
import Testing

/// Right on one problem, and unstable on what properties turn it into.
private struct UnstableElsewhere: Implementation {
  let home: Problem

  var name: String { "unstable-elsewhere" }
  var declaration: Declaration { Registry.named("chunked")!.declaration }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    let name = problem == home ? "chunked-stable" : "chunked"
    return try Registry.named(name)!.evaluate(problem, request: request)
  }
}

/// Right on one problem; elsewhere it rounds to 16 bits what it answers in fp32.
private struct CastElsewhere: Implementation {
  let home: Problem

  var name: String { "cast-elsewhere" }
  var declaration: Declaration { Registry.named("sequential")!.declaration }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    var answer = try Registry.named("sequential")!.evaluate(problem, request: request)
    guard problem != home, request.arithmetic == .working else { return answer }
    answer.results = answer.results.mapValues { tensor in
      Tensor(
        shape: tensor.shape, precision: tensor.precision, values: tensor.values.map(Precision.bf16.round))
    }
    return answer
  }
}

/// Properties hold for honest implementations and catch planted faults.
@Suite struct PropertyTests {
  static let names = Property.all.map(\.name)
  static let honest = Registry.all.filter { !$0.declaration.isControl }

  @Test(arguments: names, [Request.Arithmetic.working, .double])
  func `every implementation obeys`(name: String, arithmetic: Request.Arithmetic) throws {
    let property = try #require(Property.named(name))
    var held: Set<String> = []
    for (index, text) in PropertyRecipes.all.enumerated() where arithmetic == .working || index % 3 == 0 {
      let problem = try Recipe(text).render()
      let takers = Self.honest.filter { $0.refusal(of: problem) == nil }
      for implementation in takers {
        let runs = PropertyRuns(
          implementation, on: problem, arithmetic: arithmetic, exactness: .all, seed: UInt64(index),
          peers: takers.filter { $0.name != implementation.name })
        switch property.check(runs) {
        case .holds(let ratio):
          held.insert(implementation.name)
          #expect(ratio <= 1)
        case .notApplicable: break
        case .degraded(let found), .violated(let found):
          Issue.record("\(implementation.name) \(text): \(found)")
        case .failed(let reason), .brokeDown(let reason):
          Issue.record("\(implementation.name) \(text): \(reason)")
        case .interrupted: Issue.record("\(implementation.name) \(text): interrupted, and nobody did")
        }
      }
    }
    // The Metal kernel takes few shapes and no mask.
    let expected = Self.honest.filter {
      $0.name != "fused-metal" && (name != "session-call" || $0.declaration.form == .sequential)
    }.map(\.name)
    #expect(held.isSuperset(of: expected), "never applied to \(Set(expected).subtracting(held))")
  }

  /// Autograd does not go through y where it has no cotangent: nothing of a query is in a gradient then.
  @Test func `a query that nothing is derived from poisons no gradient`() throws {
    struct WithoutCotangents: Implementation {
      let name = "without-cotangents"
      let base = Registry.named("sequential")!

      func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
        var answer = try base.evaluate(problem, request: request)
        guard problem.cotangents.y == nil, let dq = answer[.dq] else { return answer }
        var primals = problem.primals
        primals.q = Tensor(shape: dq.shape, values: [Double](repeating: 0, count: dq.values.count))
        let others = try Problem(
          shape: problem.shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents,
          contract: problem.contract, domain: .any)
        for (quantity, tensor) in try base.evaluate(others, request: request).results
        where quantity.isGradient {
          answer.results[quantity] = tensor
        }
        return answer
      }
    }
    let property = try #require(Property.named("poison"))
    for seed in 0..<40 {
      let problem = try Recipe(
        "v1/B1-T3-Hk1-Hv1-Dk2-Dv2/keys=random/decay=-0.1/write=0.5/dy=none/dstate=random/f32/seed=\(seed)"
      ).render()
      let runs = PropertyRuns(
        WithoutCotangents(), on: problem, arithmetic: .working, exactness: .all, seed: UInt64(seed), peers: []
      )
      switch property.check(runs) {
      case .holds, .notApplicable: break
      case let outcome: Issue.record("\(problem.shape): \(outcome)")
      }
    }
  }

  /// A fault that each property must see, on some recipe, without any promise of bits unless the property is about
  /// bits alone.
  static let catches: [(property: String, mutant: String)] = [
    ("query-scale", "fused/group-keeps-last-head"),
    ("query-scale", "checkpoint/query-gradient-from-old-state"),
    ("key-scale", "sequential/key-gradient-without-write"),
    ("key-scale", "fused/write-gradient-without-slope"),
    ("state-scale", "sequential/decay-gradient-from-new-state"),
    ("state-scale", "checkpoint/cotangent-dropped-at-segments"),
    ("gate-sums", "checkpoint/rate-gradient-misses-token"),
    ("gate-sums", "sequential/bias-gradient-of-last-row"),
    ("repeated", "sequential/sum-without-order"),
    ("forward-only", "sequential/inference-differs"),
    ("absent-is-zero", "fused/state-gradient-needs-cotangent"),
    ("full-mask", "sequential/mask-takes-another-path"),
    ("deletion", "chunk/mask-keeps-decay"),
    ("right-padding", "chunk/end-of-padded-tail"),
    ("left-padding", "sequential/mask-hides-output-only"),
    ("identity-token", "checkpoint/token-dropped"),
    ("row-alone", "sequential/batch-leak"),
    ("row-order", "fused/scratch-of-previous-head"),
    ("head-alone", "sequential/key-head-modulo"),
    ("shared-keys", "checkpoint/group-averaged"),
    ("order-in-group", "sequential/group-misses-head"),
    ("group-order", "chunk/gram-in-tiled-order"),
    ("value-order", "fused/partial-tile-dropped"),
    ("key-order", "sequential/lanes-truncated"),
    ("signs", "sequential/slab-reused"),
    ("zero-values", "fused/beta-gradient-of-last-tile"),
    ("zero-keys", "sequential/initial-state-transposed"),
    ("powers-of-two", "sequential/half-taken-for-bf16"),
    ("pure-decay", "sequential/softplus-flat"),
    ("read-after-write", "sequential/prediction-before-decay"),
    ("read-after-write", "chunk/own-token-hidden"),
    ("poison", "sequential/nan-is-zero"),
    ("poison", "sequential/nan-is-zero-in-training"),
    ("poison", "sequential/nan-gradients-are-zero"),
    ("dot-product", "fused/final-cotangent-ignored"),
    ("time-reversal", "sequential/state-gradient-offset-twice"),
    ("time-reversal", "chunk/transpose-forgotten"),
    ("splitting", "fused/final-state-bf16"),
    ("differences", "sequential/beta-gradient-undecayed"),
    ("agreement", "sequential/beta-bf16"),
    ("prefix", "chunk/future-visible"),
    ("prefix", "chunk-bf16/anchor-in-future"),
    ("prefix-gradients", "chunk-bf16/anchor-in-future"),
    ("suffix-gradients", "chunk/transpose-forgotten"),
    ("residual", "chunk/own-token-hidden"),
    ("session", "engine/fresh-ignored"),
    ("session", "engine/continued-without-state"),
    ("session-pool", "engine/rejected-stay"),
    ("session-alone", "engine/slot-of-first-row"),
    ("session-order", "engine/slot-of-first-row"),
    ("session-again", "engine-chunk/offsets-of-last-call"),
    ("session-call", "engine/continued-without-state"),
  ]

  @Test(arguments: catches)
  func `a planted fault is seen`(property name: String, mutant: String) throws {
    let property = try #require(Property.named(name))
    let faulty = try #require(Mutant.named(mutant)).implementation()
    let peers = [try #require(Registry.named("fused"))]
    let exactness: Exactness =
      name == "repeated" ? .repetition : name == "session-call" ? .splitting : .none
    for (index, text) in PropertyRecipes.all.enumerated() {
      let problem = try Recipe(text).render()
      guard faulty.refusal(of: problem) == nil else { continue }
      let runs = PropertyRuns(faulty, on: problem, exactness: exactness, seed: UInt64(index), peers: peers)
      if case .violated = property.check(runs) { return }
    }
    Issue.record("\(name) does not see \(mutant)")
  }

  /// What the laws of a contract must see: a kernel that computes another rule.
  static let catchesUnderContract: [(property: String, fault: RuleKernel.Fault)] = [
    ("bounded-gate", .softplusInstead),
    ("normalised-scale", .normIgnored),
    ("normalised-scale", .keysAlone),
    ("reflections", .singleSigmoid),
  ]

  @Test(arguments: catchesUnderContract)
  func `another rule is seen`(property name: String, fault: RuleKernel.Fault) throws {
    let property = try #require(Property.named(name))
    func fails(_ fault: RuleKernel.Fault?) throws -> Bool {
      try PropertyRecipes.all.enumerated().contains { index, text in
        let recipe = try Recipe(text)
        let runs = PropertyRuns(
          RuleKernel(recipe.contract, fault), on: try recipe.render(), seed: UInt64(index))
        guard recipe.contract != .plain, case .violated = property.check(runs) else { return false }
        return true
      }
    }
    #expect(try fails(fault))
    #expect(try !fails(nil))
  }

  @Test func `amplified rounding is degraded, not violated`() throws {
    // Equal keys at beta = 1 and no decay: what doubling in sub-blocks of 16 loses, and in blocks of 32 never finds.
    let text = "v1/B1-T64-Hk1-Hv1-Dk1-Dv4/keys=equal/decay=none/write=0.5/state=random/f32/seed=1"
    let problem = try Recipe(text).render()
    let property = try #require(Property.named("read-after-write"))
    func result(_ name: String) throws -> PropertyResult {
      property.check(PropertyRuns(try #require(Registry.named(name)), on: problem))
    }
    guard case .holds = try result("chunked-stable") else { throw Unexpected() }
    guard case .degraded(let tolerable) = try result("chunked") else { throw Unexpected() }
    guard case .violated(let intolerable) = try result("chunked-sb32") else { throw Unexpected() }
    #expect(tolerable.roundoffExponent ?? 0 > 0.5)
    #expect(intolerable.roundoffExponent ?? 0 > 0.5)
  }

  @Test func `what fp64 does not amplify is violated, however small`() throws {
    let text =
      "v1/B2-T12-Hk1-Hv2-Dk4-Dv3/keys=random/decay=-0.1/write=0.5/state=random/dstate=random/f32/seed=1"
    let problem = try Recipe(text).render()
    for name in ["row-order", "splitting", "left-padding"] {
      let property = try #require(Property.named(name))
      let result = property.check(PropertyRuns(CastElsewhere(home: problem), on: problem))
      guard case .violated(let found) = result else {
        Issue.record("\(name): \(result)")
        continue
      }
      #expect(found.roundoffExponent ?? 1 > 0.5, "\(name)")
    }
  }

  @Test func `a property that holds but for amplified rounding is noted`() throws {
    let text = "v1/B1-T64-Hk1-Hv1-Dk1-Dv4/keys=equal/decay=none/write=0.5/state=random/f32/seed=1"
    let recipe = try Recipe(text)
    let kernel = UnstableElsewhere(home: try recipe.render())
    let result = try CrossCheck(recipe).judge(kernel, properties: .showing(kind: "read-after-write"))
    #expect(result.grade == .agrees)
    #expect(result.judgement.note?.hasSuffix("holds but for rounding that the algorithm amplifies") == true)
    #expect(try CrossCheck(recipe).judge(kernel, properties: .none).judgement.note == nil)
  }

  @Test func `a throw is a finding and a refusal is none`() throws {
    let problem = try Recipe(PropertyRecipes.all[2]).render()
    let property = try #require(Property.named("query-scale"))
    let throwing = try #require(Mutant.named("checkpoint/gradient-too-many")).implementation()
    guard case .failed = property.check(PropertyRuns(throwing, on: problem)) else { throw Unexpected() }
    let metal = try #require(Registry.named("fused-metal"))
    guard case .notApplicable(let reason) = property.check(PropertyRuns(metal, on: problem)) else {
      throw Unexpected()
    }
    #expect(reason.contains("Dk % 32"))
  }

  @Test(arguments: Property.all.filter { $0.cost != .dear }.map(\.name))
  func `a property costs no more runs than it says`(name: String) throws {
    let property = try #require(Property.named(name))
    let sequential = try #require(Registry.named("sequential"))
    var held = 0
    for text in PropertyRecipes.all {
      let problem = try Recipe(text).render()
      let known = try sequential.evaluate(problem, request: Request())
      let runs = PropertyRuns(sequential, on: problem, evaluation: known)
      guard case .holds = property.check(runs) else { continue }
      #expect(runs.evaluations == (property.cost == .free ? 0 : name == "repeated" ? 2 : 1))
      held += 1
    }
    #expect(held > 0)
  }

  /// That of packed gradients sees its faults in a suite of its own: no mutant trains.
  @Test func `every property sees a fault`() {
    let seen = Self.catches.map(\.property) + Self.catchesUnderContract.map(\.property)
    #expect(Set(seen + ["packed-gradients"]) == Set(Self.names))
  }
}

private struct Unexpected: Error {}
