import Foundation
import GatedDeltaRule
import Generator
import Oracle
import Support
import Sweep
import Testing

/// Gates that are declared to be rounded are rounded in the reference; the bound pays for a rounding only where two
/// honest kernels may round to different sides.
@Suite struct RoundedGateTests {
  private static let formats: [(beta: Precision, decay: Precision)] = [
    (.bf16, .fp32), (.fp32, .bf16), (.bf16, .bf16), (.fp16, .fp16), (.fp16, .bf16),
  ]
  private let shape = try! Shape(B: 2, T: 9, Hk: 1, Hv: 2, Dk: 3, Dv: 4)

  private func problem(_ level: Level, seed: UInt64) throws -> Problem {
    try Sample(shape: shape, level: level, mask: .holes, seed: seed).problem
  }

  private func rounding(_ formats: (beta: Precision, decay: Precision)) -> Declaration {
    Declaration(betaPrecision: formats.beta, decayPrecision: formats.decay)
  }

  /// The same problem at core level with gates rounded beforehand.
  private func roundedBeforehand(_ problem: Problem, _ declaration: Declaration) throws -> Problem {
    var (g, beta) = try problem.primals.gates.core
    g.values = g.values.map(declaration.decayPrecision.round)
    beta.values = beta.values.map(declaration.betaPrecision.round)
    var primals = problem.primals
    primals.gates = .core(g: g, beta: beta)
    return try Problem(
      shape: problem.shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents)
  }

  @Test(arguments: formats)
  func `the reference is the rule on rounded gates, and gradients go straight through`(
    formats: (beta: Precision, decay: Precision)
  ) throws {
    let declaration = rounding(formats)
    for seed in 0..<10 as Range<UInt64> {
      let problem = try problem(.core, seed: seed)
      let expected = Reference(try roundedBeforehand(problem, declaration))
      #expect(Reference(problem, for: declaration).values == expected.values)
      #expect(CrossCheck(problem).reference(for: declaration).values == expected.values)
      #expect(CrossCheck(problem).reference(for: declaration)[.y] != CrossCheck(problem).reference()[.y])
    }
  }

  /// d beta / db = sigmoid(b) sigmoid(-b) and d lambda / dx as without the rounding.
  @Test func `at model level the chain rule is that of the gates before they are rounded`() throws {
    let declaration = rounding((.bf16, .bf16))
    for seed in 0..<10 as Range<UInt64> {
      let problem = try problem(.model, seed: seed)
      let (a, b, A_log, dt_bias) = try problem.primals.gates.model
      var (g, beta) = (
        Tensor(shape: shape.gate, precision: .fp64), Tensor(shape: shape.token, precision: .fp64)
      )
      for i in b.values.indices {
        let x = a.values[i] + dt_bias.values[i % shape.Hv]
        g.values[i] = exp(-exp(A_log.values[i % shape.Hv]) * softplus(x))
        beta.values[i] = sigmoid(b.values[i])
      }
      let exact = (g: g, beta: beta)
      g.values = g.values.map(Precision.bf16.round)
      beta.values = beta.values.map(Precision.bf16.round)
      var primals = problem.primals
      primals.gates = .core(g: g, beta: beta)
      let core = Reference(
        try Problem(shape: shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents))
      let model = Reference(problem, for: declaration)
      for quantity in [Quantity.y, .stateOut, .dq, .dk, .dv, .dstateIn] {
        #expect(model[quantity] == core[quantity])
      }
      let (da, db) = (try #require(model[.da]), try #require(model[.db]))
      let (dg, dbeta) = (try #require(core[.dg]), try #require(core[.dbeta]))
      for i in da.values.indices where problem.isLive(i / shape.Hv / shape.T, i / shape.Hv % shape.T) {
        let x = a.values[i] + dt_bias.values[i % shape.Hv]
        let slope = -exp(A_log.values[i % shape.Hv]) * sigmoid(x)
        let expected = exact.g.values[i] * dg.values[i] * slope
        #expect(abs(da.values[i] - expected) <= 1e-14 * abs(expected))
        let write = dbeta.values[i] * exact.beta.values[i] * sigmoid(-b.values[i])
        #expect(abs(db.values[i] - write) <= 1e-14 * abs(write))
      }
    }
  }

  @Test(arguments: formats, Level.allCases)
  func `who rounds as declared passes, by every property too`(
    formats: (beta: Precision, decay: Precision), level: Level
  ) throws {
    for seed in 0..<12 as Range<UInt64> {
      var specimen = Specimen()
      specimen.declaration = rounding(formats)
      let check = CrossCheck(try problem(level, seed: seed))
      let result = check.judge(specimen, properties: .all)
      #expect(result.grade == .agrees, "\(Report.sentence(result))")
    }
  }

  /// Rounds to some formats and declares others.
  private struct Mismatched: Implementation {
    var name: String { "mismatched" }
    let rounds: Declaration
    let declaration: Declaration
    func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
      var specimen = Specimen()
      specimen.declaration = rounds
      return try specimen.evaluate(problem, request: request)
    }
  }

  @Test func `who is more exact than declared passes, and it is said`() throws {
    let declared = rounding((.bf16, .bf16))
    for (formats, missing) in [
      ((Precision.fp32, Precision.fp32), "beta:bf16, g:bf16"), ((.bf16, .fp32), "g:bf16"),
      ((.fp32, .bf16), "beta:bf16"),
    ] {
      let kernel = Mismatched(rounds: rounding(formats), declaration: declared)
      for seed in 0..<10 as Range<UInt64> {
        let judgement = CrossCheck(try problem(.model, seed: seed)).judge(kernel).judgement
        guard case .agrees = judgement.verdict else {
          Issue.record("\(missing), seed \(seed): \(judgement.verdict)")
          continue
        }
        #expect(judgement.note == "\(missing) declared and not rounded so")
      }
    }
  }

  /// What the bound paid for before: a beta that is off by an eighth of bf16's unit roundoff, and answers that round in one
  /// result and not in another.
  @Test func `what is neither rounded nor exact fails`() throws {
    let declaration = rounding((.bf16, .fp32))
    for seed in 0..<10 as Range<UInt64> {
      let problem = try problem(.core, seed: seed)
      let check = CrossCheck(problem)
      let g = try problem.primals.gates.core.g
      var beta = try problem.primals.gates.core.beta
      beta.values = beta.values.map { Precision.bf16.round($0) * (1 + 0x1p-11) }
      var primals = problem.primals
      primals.gates = .core(g: g, beta: beta)
      let off = Reference(
        try Problem(shape: shape, primals: primals, mask: problem.mask, cotangents: problem.cotangents))
      func fails(_ answer: Evaluation) -> Bool {
        switch check.judge(evaluation: answer, double: nil, declaration: declaration).verdict {
        case .disagrees: true
        default: false
        }
      }
      #expect(fails(off.evaluation))
      var mixed = check.reference(for: declaration).evaluation
      #expect(!fails(mixed))
      mixed.results[.dk] = check.reference()[.dk]
      #expect(fails(mixed))
      #expect(!fails(check.reference().evaluation))
    }
  }

  /// Of two tokens one has a beta that two honest sigmoids round to different sides.
  @Test func `at a tie either side is right, for that token alone`() throws {
    let shape = try Shape(B: 1, T: 2, Hk: 1, Hv: 1, Dk: 2, Dv: 2)
    let sample = try Sample(shape: shape, level: .model, seed: 3, hasState: true, hasCotangents: true).problem
    let (a, given, A_log, dt_bias) = try sample.primals.gates.model
    let sides = (0.5, 0.5 + 0x1p-8)
    let middle = (sides.0 + sides.1) / 2
    var b = given
    b.values = [Double(Float(Double.log(middle / (1 - middle)))), 0.3]
    var primals = sample.primals
    primals.gates = .model(a: a, b: b, A_log: A_log, dt_bias: dt_bias)
    let problem = try Problem(shape: shape, primals: primals, cotangents: sample.cotangents)
    let check = CrossCheck(problem)
    let declaration = rounding((.bf16, .fp32))
    /// The outputs of the rule with these betas.
    func outputs(_ betas: [Double]) throws -> Evaluation {
      let g = a.values.indices.map {
        exp(-exp(A_log.values[0]) * softplus(a.values[$0] + dt_bias.values[0]))
      }
      var core = primals
      core.gates = .core(
        g: Tensor(shape: shape.gate, precision: .fp64, values: g),
        beta: Tensor(shape: shape.token, precision: .fp64, values: betas))
      let found = Reference(try Problem(shape: shape, primals: core, cotangents: sample.cotangents))
      return Evaluation(results: found.values.filter { [.y, .stateOut, .dv].contains($0.key) })
    }
    func agrees(_ betas: [Double]) throws -> Bool {
      switch check.judge(evaluation: try outputs(betas), double: nil, declaration: declaration).verdict {
      case .agrees: true
      default: false
      }
    }
    let other = Precision.bf16.round(sigmoid(0.3))
    for side in [sides.0, sides.1] { #expect(try agrees([side, other])) }
    for past in [sides.0 - 0x1p-4, sides.1 + 0x1p-4] { #expect(try !agrees([past, other])) }
    for wrong in [other - 0x1p-8, other + 0x1p-8] { #expect(try !agrees([sides.0, wrong])) }
  }
}

/// log(1 + e^x).
private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-x.magnitude)) }

/// 1 / (1 + e^-x).
private func sigmoid(_ x: Double) -> Double {
  x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))
}
