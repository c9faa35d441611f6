import Foreign
import GatedDeltaRule
import Generator
import Oracle
import Support
import Testing

/// Right kernels of today's models pass as workers, and wrong ones fail.
@Suite struct ContractWorkerTests {
  /// A kernel behind the frames that a worker reads and writes.
  private struct OverTheWire: Implementation {
    let kernel: RuleKernel

    var name: String { kernel.name }
    var declaration: Declaration { kernel.declaration }

    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      let received = try Problem(frame: Frame(decoding: Frame(problem).encoded()))
      let answer = Frame(
        kernel.evaluate(received, request: request), level: problem.level, precision: .fp32,
        contract: problem.contract)
      return try Evaluation(
        frame: Frame(decoding: answer.encoded()), shape: problem.shape, contract: problem.contract)
    }
  }

  static let kimi = "gate=bounded:-5,beta=2sigmoid"
  static let fla = "qk=l2norm:1e-6,scale=rsqrt,decay=log,layout=kv,state=bf16"
  static let whole = "gate=bounded:-5,noA,beta=2sigmoid,qk=l2norm:1e-6,scale=0.3,decay=log"

  /// What a run of drawn cases counts; nothing is reduced.
  private func run(_ kernel: RuleKernel, cases: Int) throws -> Tally {
    var plan = Campaign.Plan.small([OverTheWire(kernel: kernel)], seed: 6, cases: cases)
    plan.profile.contracts = .one(kernel.contract)
    (plan.profile.exactShare, plan.shrunkPerSignature) = (0, 0)
    return try #require(plan.run().ledger.tallies.first)
  }

  @Test(arguments: ["gate=bounded:-5", kimi, fla, whole, "scale=rsqrt"])
  func `a right kernel passes`(text: String) throws {
    let tally = try run(RuleKernel(try Contract(text)), cases: 300)
    #expect(tally.agrees == 300, "\(tally)")
  }

  private static func faults(of text: String) -> [RuleKernel.Fault] {
    switch text {
    case kimi: [.softplusInstead, .clampedSoftplus, .rateIgnored, .slopeWithoutRate, .singleSigmoid]
    default:
      [
        .normIgnored, .keysAlone, .epsilonOutside, .otherEpsilonBackward, .normGradientIgnored, .scaleIgnored,
        .scaleTwice, .scaleGradientIgnored, .gradientByFactor,
      ]
    }
  }

  @Test(arguments: [kimi, fla].flatMap { text in faults(of: text).map { (text, $0) } })
  func `a wrong one fails`(text: String, fault: RuleKernel.Fault) throws {
    let tally = try run(RuleKernel(try Contract(text), fault), cases: 60)
    #expect(tally.disagrees > 0, "\(fault)")
  }

  @Test func `a kernel of another rule is not asked, and is not taken for a wrong one`() throws {
    let recipe = try Recipe("v1/B1-T2-Hk1-Hv1-Dk2-Dv2/keys=random/decay=-1/write=0.5/f32/seed=1")
    let kernel = OverTheWire(kernel: RuleKernel(try Contract(Self.fla)))
    guard case .refused(let reason) = try CrossCheck(recipe).judge(kernel).judgement.verdict else {
      Issue.record("it was asked")
      return
    }
    #expect(reason.contains("computes the contract qk=l2norm:1e-6"))
  }
}
