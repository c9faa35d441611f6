import GatedDeltaRule
import Generator
import Oracle
import Support
import Testing

/// Twins of other rules than the plain one, and a normalisation in 16 bits.
@Suite struct RuleEvidenceTests {
  /// What becomes of a kernel of bf16 on cases of one rule.
  private func run(_ kernel: CoarseModel, _ contract: String, _ level: Level, cases: Int) throws
    -> Campaign.Summary
  {
    var plan = Campaign.Plan.small([kernel], seed: 5, cases: cases)
    plan.profile.families = [try Family("Hk1-Hv2-Dk8-Dv8/bf16")]
    plan.profile.contracts = .one(try Contract(contract))
    (plan.profile.restriction.level, plan.profile.restriction.decayKind) = (level, .scalar)
    plan.profile.exactShare = 0
    plan.shrunkPerSignature = 1
    return try plan.run()
  }

  static let rules: [(contract: String, level: Level, format: Precision)] = [
    ("beta=2sigmoid", .core, .fp32), ("gate=bounded:-5,beta=2sigmoid", .model, .fp32),
    ("qk=l2norm:1e-6,scale=rsqrt", .model, .bf16), ("qk=l2norm:1e-6,decay=log,state=bf16", .core, .fp32),
  ]

  @Test(arguments: rules)
  func `a gain of three per cent is convicted under another rule, and an honest kernel is not`(
    contract: String, level: Level, format: Precision
  ) throws {
    let kernel = CoarseKernel(.bf16, length: 16)
    let honest = try run(CoarseModel(kernel, normalisedIn: format), contract, level, cases: 40)
    #expect(honest.findings.isEmpty, "\(honest.findings.map(\.sentence))")
    #expect((honest.tallies[0].evidence?.cases ?? 0) > 5)
    let gain = CoarseGain(.dv, 0.03)
    let faulty = try run(
      CoarseModel(kernel.with(gain), normalisedIn: format), contract, level, cases: 40)
    #expect(
      faulty.findings.contains { $0.finding.kind == "systematic error" }
        || !(faulty.tallies[0].evidence?.convictions(among: 1).isEmpty ?? true))
  }

  /// Operands that decay with their chunk leave the normal numbers of fp16, and then its numbers.
  @Test(arguments: [
    "v1/B2-T65-Hk2-Hv2-Dk5-Dv5/model/keys=plane/q=zero/decay=every:2:-inf:0/write=0.999/state=zeros/dy=zeros/dstate=random/contract=gate=bounded:-1/f16/seed=32236",
    "v1/B4-T31-Hk2-Hv4-Dk1-Dv1/keys=equal/q=key/decay=-0.891/write=logit:-6.51/state=spike/dy=none/dstate=random/contract=qk=l2norm:1e-12,decay=log,state=f16/f16/seed=36394",
  ])
  func `an honest kernel of fp16 may lose what a chunk has decayed`(text: String) throws {
    let check = try CrossCheck(Recipe(text))
    for isSplit in [true, false] {
      let kernel = CoarseModel(CoarseKernel(.fp16, splitsRightHandSide: isSplit))
      let result = check.judge(kernel, properties: .none, weighsEvidence: true)
      #expect(result.grade == .agrees, "\(Report.sentence(result))")
    }
  }

  /// The gradient of beta may be stored before that of b is formed of it.
  @Test func `an honest kernel may round a gradient twice`() throws {
    let text =
      "v1/B3-T1-Hk2-Hv8-Dk1-Dv1/model/keys=flipped/decay=every:2:-inf:0/A_log=heads/dt_bias=heads/write=1e-7/mask=holes:0.1/contract=gate=bounded:-5,beta=2sigmoid,decay=log,state=f16/bf16/seed=68585"
    let result = try CrossCheck(Recipe(text)).judge(
      CoarseModel(CoarseKernel(.bf16)), properties: .none, weighsEvidence: true)
    #expect(result.grade == .agrees, "\(Report.sentence(result))")
  }

  /// One token after the other in fp32, of q and k that are normalised in 16 bits.
  private struct Normalising: Implementation {
    let says: Precision?
    var name: String { "normalising" }
    var declaration: Declaration {
      var declaration = Declaration(offersDouble: false, contract: nil)
      declaration.queryKeyPrecision = says
      return declaration
    }
    func evaluate(_ problem: Problem, request: Request) -> Evaluation {
      RuleKernel(problem.contract, normalisedIn: problem.primals.q.precision).evaluate(
        problem, request: request)
    }
  }

  @Test(arguments: [Precision.bf16, .fp16])
  func `who says in which format q and k are normalised is judged by it`(format: Precision) throws {
    var profile = Profile.small.withoutExactCases
    profile.contracts = .one(try Contract("qk=l2norm:1e-6,scale=rsqrt"))
    let word = format == .bf16 ? "bf16" : "f16"
    profile.families = [try Family("Hk1-Hv2-Dk8-Dv8/\(word)"), try Family("Hk1-Hv2-Dk4-Dv3/\(word)")]
    var silentFails = 0
    for index in 0..<150 {
      let recipe = Recipe.draw(seed: 8, index: UInt64(index), profile: profile)
      let check = try CrossCheck(recipe)
      let said = check.judge(Normalising(says: format), properties: .none)
      #expect(said.grade == .agrees, "\(recipe.text): \(Report.sentence(said))")
      if check.judge(Normalising(says: nil), properties: .none).grade == .disagrees { silentFails += 1 }
    }
    #expect(silentFails > 50)
  }
}
