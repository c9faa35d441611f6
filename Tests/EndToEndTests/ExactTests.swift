import GatedDeltaRule
import Generator
import Implementations
import Mutants
import Oracle
import Support
import Testing

/// Whoever calls a kernel that divides q by the root of Dk multiplies it by that before, both in fp32.
private struct ScaledInside: Implementation {
  let base = Registry.named("sequential")!

  var name: String { "scaled-inside" }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    let root = Double(problem.shape.Dk).squareRoot()
    let (outside, inside) = (Precision.fp32.round(root), Precision.fp32.round(1 / root))
    func through(_ tensor: Tensor, _ first: Double, _ second: Double) -> Tensor {
      let values = tensor.values.map { Precision.fp32.round(Precision.fp32.round($0 * first) * second) }
      return Tensor(shape: tensor.shape, precision: .fp32, values: values)
    }
    var primals = problem.primals
    primals.q = through(primals.q, outside, inside)
    let scaled = try Problem(
      shape: problem.shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents)
    var answer = try base.evaluate(scaled, request: request)
    answer.results[.dq] = answer[.dq].map { through($0, inside, outside) }
    return answer
  }
}

/// Cases in which nothing has to be rounded: honest kernels make no error at all on them, however coarse, and whatever is
/// wrong shows.
@Suite struct ExactTests {
  private static func profile(_ size: Profile.Size) -> Profile {
    var profile = Profile(size: size)
    profile.exactShare = 1
    return profile
  }

  private static func recipes(_ size: Profile.Size, seed: UInt64, count: Int) -> [Recipe] {
    (0..<count).map { Recipe.draw(seed: seed, index: UInt64($0), profile: profile(size)) }
  }

  @Test func `what is built in makes no error, in fp32 and in fp64`() throws {
    let honest = Registry.all.filter { !$0.declaration.isControl }
    var answered: [String: Int] = [:]
    for recipe in Self.recipes(.small, seed: 1, count: 60) + Self.recipes(.standard, seed: 1, count: 6) {
      let check = try CrossCheck(recipe)
      for implementation in honest {
        let judgement = check.judge(implementation).judgement
        if case .refused = judgement.verdict { continue }
        #expect(judgement.isExact)
        guard case .agrees(let ratio) = judgement.verdict, ratio <= 1 else {
          Issue.record("\(implementation.name) on \(recipe.text): \(Report.sentence(judgement))")
          continue
        }
        answered[implementation.name, default: 0] += 1
        if recipe.decay == .constant(0), recipe.level == .core {
          #expect(ratio == 0)
          #expect(judgement.doubleRatios.values.allSatisfy { $0 == 0 })
        }
      }
    }
    #expect(answered["sequential"] == 66)
    #expect(answered["chunked"] ?? 0 > 35)
  }

  @Test func `the recurrence makes no error where the decay is halved`() throws {
    for recipe in Self.recipes(.small, seed: 2, count: 50) where recipe.level == .core {
      let problem = try recipe.render()
      let reference = CrossCheck(problem).reference()
      for name in ["sequential", "checkpoint", "fused"] {
        let answer = try #require(Registry.named(name)).evaluate(problem, request: Request())
        for (quantity, found) in answer.results {
          let o = try #require(reference[quantity])
          let error = RelativeError(of: found, from: o, quantity, on: problem)
          #expect(error.frobenius == 0, "\(name) \(quantity) on \(recipe.text)")
        }
      }
    }
  }

  @Test func `honest kernels in 16 bits make no error, forward and in every gradient`() throws {
    let kernels = CoarseKernel.all
    #expect(kernels.count == 36)
    var passed = 0
    let recipes = Self.recipes(.small, seed: 3, count: 24) + Self.recipes(.standard, seed: 3, count: 2)
    for recipe in recipes where recipe.decayKind == .scalar {
      let check = try CrossCheck(recipe)
      for kernel in kernels where recipe.T < 40 || kernel.splitsRightHandSide != kernel.differentiatesInverse
      {
        let judged: any Implementation = recipe.level == .core ? kernel : CoarseModel(kernel)
        let judgement = check.judge(judged).judgement
        guard judgement.isExact else {
          // A chunk of another length has a proof of its own, which may fail.
          #expect(kernel.length != 64, "\(kernel.name) on \(recipe.text)")
          continue
        }
        guard case .agrees(let ratio) = judgement.verdict else {
          Issue.record("\(kernel.name) on \(recipe.text): \(Report.sentence(judgement))")
          continue
        }
        passed += 1
        if recipe.decay == .constant(0), recipe.level == .core { #expect(ratio == 0) }
      }
    }
    #expect(passed > 500)
  }

  @Test(arguments: [Quantity.da, .db, .dA_log, .ddt_bias])
  func `a hundredth of a gradient of a model's gates is a fault of a chunk in bf16`(quantity: Quantity) throws
  {
    var profile = Profile(size: .small)
    profile.exactShare = Profile.coarseExactShare
    profile.restriction.level = .model
    profile.restriction.decayKind = .scalar
    let kernel = CoarseModel(CoarseKernel(.bf16), fault: CoarseGain(quantity, 0.01))
    let cases = try (0..<5).map { seed in
      try (0..<100).first {
        let recipe = Recipe.draw(seed: UInt64(seed), index: UInt64($0), profile: profile)
        return try recipe.isExact && CrossCheck(recipe).judge(kernel).grade == .disagrees
      } ?? 100
    }
    #expect(cases.sorted()[2] < 10, "\(cases)")
  }

  @Test func `a gain that the bound of bf16 lets pass is an integer here`() throws {
    let kernel = Distorted(clean: CoarseKernel(.bf16)) { answer in
      answer.results[.dk] = answer[.dk].map { tensor in
        Tensor(
          shape: tensor.shape, precision: tensor.precision,
          values: tensor.values.map { Precision.bf16.round($0 * 1.01) })
      }
    }
    let recipe = try #require(
      Self.recipes(.small, seed: 4, count: 60).first {
        $0.precision == .bf16 && $0.decayKind == .scalar && $0.decay == .constant(0) && $0.T > 15
          && $0.Dk == 4
          && $0.dy == .random && $0.mask == .none
      })
    let judgement = try CrossCheck(recipe).judge(kernel).judgement
    let sentence = Report.sentence(judgement)
    #expect(judgement.verdict.grade == .disagrees)
    #expect(sentence.contains("this case is exact in bf16"), "\(sentence)")
    #expect(sentence.contains("any error is a fault"), "\(sentence)")
    var plain = recipe
    (plain.numbers, plain.write) = (.any, .constant(0.9))
    #expect(try CrossCheck(plain).judge(kernel).grade == .agrees)
  }

  /// The scale of q is exact in few channels; what it does not reach is exact in all.
  @Test func `a gain of a ten-thousandth of dk is a fault where the root of Dk is no power of two`() throws {
    let kernel = Distorted(clean: CoarseKernel(.bf16)) { answer in
      answer.results[.dk] = answer[.dk].map { tensor in
        Tensor(
          shape: tensor.shape, precision: .fp32,
          values: tensor.values.map { Precision.fp32.round($0 * 1.0001) })
      }
    }
    var profile = Self.profile(.standard)
    profile.families = [try Family("Hk1-Hv2-Dk32-Dv16/f32")]
    let recipes = (0..<40).map { Recipe.draw(seed: 6, index: UInt64($0), profile: profile) }
    let exact = recipes.filter { $0.isExact && $0.decayKind == .scalar && $0.T <= 256 }
    let results = try exact.map { try CrossCheck($0).judge(kernel) }
    let found = results.filter { $0.grade == .disagrees }.map { Report.sentence($0) }
    #expect(found.contains { $0.contains("any error is a fault") }, "\(found.count) of \(results.count)")
    for recipe in exact {
      #expect(try CrossCheck(recipe).judge(kernel.clean).failure == nil, "\(recipe.text)")
      #expect(try CrossCheck(recipe).judge(ScaledInside()).failure == nil, "\(recipe.text)")
    }
  }

  @Test func `NaN fails, and minus zero is zero`() throws {
    let recipe = try Recipe(
      "v1/B1-T3-Hk1-Hv1-Dk4-Dv2/numbers=exact:1:0/keys=random/decay=none/write=1/f32/seed=1")
    for (value, grade) in [
      (-0.0, Grade.agrees), (.nan, .disagrees), (.infinity, .disagrees), (0x1p-149, .disagrees),
    ] {
      let kernel = Distorted(clean: CoarseKernel(.fp32)) { $0.results[.y]?.values[1] = value }
      #expect(try CrossCheck(recipe).judge(kernel).grade == grade, "\(value)")
    }
  }

  @Test func `whoever calls a kernel that divides q by the root of Dk may undo it`() throws {
    let recipes = Self.recipes(.small, seed: 5, count: 80)
    #expect(recipes.contains { $0.Dk == 4 } && recipes.contains { $0.Dk == 2 })
    for recipe in recipes {
      let judgement = try CrossCheck(recipe).judge(ScaledInside()).judgement
      guard case .agrees(let ratio) = judgement.verdict, ratio <= 1 else {
        Issue.record("\(recipe.text): \(Report.sentence(judgement))")
        continue
      }
      #expect(judgement.isExact)
      if recipe.level == .core, [4, 16].contains(recipe.Dk) { #expect(ratio == 0, "\(recipe.text)") }
    }
  }

  @Test func `zero is asked for only where the proof holds`() throws {
    let kernel = CoarseKernel(.bf16)
    for text in [
      "v1/B1-T9-Hk1-Hv1-Dk4-Dv4/numbers=exact:200:100/keys=random/decay=none/write=1/state=random/f32/seed=1",
      "v1/B1-T9-Hk1-Hv1-Dk4-Dv4/numbers=exact:1:50/keys=cone:10/decay=none/write=1/state=random/f32/seed=1",
      "v1/B1-T9-Hk1-Hv1-Dk4-Dv4/numbers=exact:1:50/keys=random/decay=-0.1/write=1/state=random/f32/seed=1",
      "v1/B1-T9-Hk1-Hv1-Dk4-Dv4/numbers=exact:1:50/keys=random/decay=none/write=0.9/state=random/f32/seed=1",
    ] {
      let judgement = try CrossCheck(Recipe(text)).judge(kernel).judgement
      #expect(!judgement.isExact, "\(text)")
      #expect(judgement.verdict.grade == .agrees, "\(text): \(Report.sentence(judgement))")
    }
  }
}

/// A kernel whose answers are changed.
struct Distorted: Implementation {
  let clean: CoarseKernel
  let change: @Sendable (inout Evaluation) -> Void

  var name: String { "distorted" }
  var declaration: Declaration { clean.declaration }
  func refusal(of problem: Problem) -> String? { clean.refusal(of: problem) }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    var answer = try clean.evaluate(problem, request: request)
    change(&answer)
    return answer
  }
}
