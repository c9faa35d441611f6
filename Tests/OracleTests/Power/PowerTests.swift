import GatedDeltaRule
import Generator
import Oracle
import Testing

/// That the judge finds what is said that it finds.
@Suite struct PowerTests {
  /// Answers what it is given.
  private struct Fixed: Implementation {
    let name = "fixed"
    let declaration: Declaration
    let answer: Evaluation

    func refusal(of problem: Problem) -> String? { nil }
    func evaluate(_ problem: Problem, request: Request) -> Evaluation { answer }
  }

  private static let sequential = Declaration(offersDouble: false)

  private static let chunked: Declaration = {
    var declaration = Declaration(form: .chunked(length: 16), offersDouble: false)
    var said = Arrangement()
    (said.wy, said.system, said.dg, said.products, said.solve) = (.split, .inverse, .crossings, .all, .bf16)
    (said.exponents, said.inverse) = (.gram, .rows)
    (declaration.products, declaration.arrangement) = (.bf16, said)
    return declaration
  }()

  private static let recipe = "B1-T21-Hk1-Hv2-Dk5-Dv4"

  /// What the judge says of an answer.
  private func judged(_ answer: Evaluation, _ check: CrossCheck, _ declaration: Declaration) -> CaseResult {
    check.judge(
      Fixed(declaration: declaration, answer: answer), properties: .none, weighsEvidence: true)
  }

  @Test(arguments: [
    ("f32", "core", false), ("bf16", "core", true), ("f16", "core", false), ("f32", "model", true),
    ("bf16", "model", true),
  ])
  func `a fault somewhat larger is found by the judge itself, and one somewhat smaller is not`(
    format: String, level: String, isChunked: Bool
  ) throws {
    let gates = level == "model" ? "/model" : ""
    let recipe = try Recipe(
      "v1/\(Self.recipe)\(gates)/decay=-0.2/state=random/dstate=random/\(format)/seed=3")
    let declaration = isChunked ? Self.chunked : Self.sequential
    let check = try CrossCheck(recipe)
    let power = try #require(check.power(for: declaration))
    let faults = PlantedFaults(check, declaration)
    func fails(_ fault: Double, _ subject: CasePower.Subject) -> Bool {
      judged(faults.answer(with: fault, in: subject), check, declaration).failure != nil
    }
    #expect(!power.isExact)
    var counts = (found: 0, byTwins: 0)
    for quantity in Quantity.allCases {
      for extent in FaultExtent.allCases {
        let subject = CasePower.Subject(quantity, extent)
        guard let sensitivity = power.sensitivity(subject), sensitivity.fault.isFinite else { continue }
        // Storing it rounds the fault too, which is of some importance in 16 bits.
        #expect(fails(1.5 * sensitivity.fault, subject), "\(subject) \(sensitivity)")
        #expect(!fails(sensitivity.fault / 1.5, subject), "\(subject) \(sensitivity)")
        counts.found += 1
        if sensitivity.yardstick == .twins { counts.byTwins += 1 }
      }
    }
    #expect(counts.found >= 20)
    #expect((counts.byTwins > 0) == isChunked, "\(counts)")
  }

  @Test func `a case in which nothing is rounded shows one rounding of one element`() throws {
    var profile = Profile.small
    profile.exactShare = 1
    let subject = CasePower.Subject(.y, .element)
    let powers = try (0..<UInt64(10)).compactMap { index -> CasePower? in
      var recipe = Recipe.draw(seed: 1, index: index, profile: profile)
      recipe.precision = .bf16
      return try CrossCheck(recipe).power(for: Self.chunked)
    }
    let power = powers.first { $0.isExact && $0.sensitivity(subject) != nil }

    let found = try #require(power?.sensitivity(subject))
    #expect(found.yardstick == .exact)
    #expect(found.fault > 0x1p-10 && found.fault < 0x1.2p-8)
  }

  @Test func `a run finds less than a case, and a longer one no more`() throws {
    let cases = try (0..<8).compactMap { seed in
      try CrossCheck(
        Recipe("v1/\(Self.recipe)/decay=-0.2/state=random/dstate=random/bf16/seed=\(seed)")
      ).power(for: Self.chunked)
    }
    let run = RunPower(cases)
    #expect(run.withTwins == cases.count && run.exact == 0)
    for quantity in run.quantities {
      let subject = CasePower.Subject(quantity, .all)
      let alone = try #require(run.inOneCase(subject, exactly: false)).fault
      let faults = try [20, 200, 2000].map { try #require(run.inRun(of: $0, subject)).fault }
      #expect(faults[0] <= alone && faults[1] < alone && faults[2] <= faults[1], "\(quantity) \(faults)")
    }
    #expect(run.inOneCase(.init(.y, .all), exactly: true) == nil)
  }

  @Test func `the evidence of other cases convicts what is said to be found, and not a third of it`() throws {
    let (declaration, subject) = (Self.chunked, CasePower.Subject(.y, .all))
    func recipe(_ seed: Int) throws -> Recipe {
      try Recipe("v1/\(Self.recipe)/decay=-0.2/state=random/dy=random/bf16/seed=\(seed)")
    }
    let sample = try (0..<8).compactMap { try CrossCheck(recipe($0)).power(for: declaration) }
    let found = try #require(RunPower(sample).inRun(of: 40, subject))
    #expect(found.yardstick == .twins)
    func isConvicted(_ fault: Double) throws -> Bool {
      var evidence = RunEvidence()
      for seed in 100..<140 {
        let check = try CrossCheck(recipe(seed))
        let answer = PlantedFaults(check, declaration).answer(with: fault, in: subject)
        let result = judged(answer, check, declaration)
        if result.failure != nil { return true }
        if let more = result.evidence { evidence.add(more, at: seed) }
      }
      return !evidence.convictions(among: 1).isEmpty
    }
    #expect(try isConvicted(1.5 * found.fault))
    #expect(try !isConvicted(found.fault / 3))
  }
}
