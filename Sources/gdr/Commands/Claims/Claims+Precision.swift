import GatedDeltaRule
import Generator
import Implementations
import Kernels
import Oracle

extension Claim {
  /// Inputs in bf16; errors are those against unrounded inputs.
  static let precision: [Claim] = [
    Claim(
      "drift", "bf16 over 4096 tokens: y and state of #1217 and #1389", source: "#1217 thread",
      published: "y 5.64e-3 both, state 5.57e-3 5.59e-3", isQuick: false
    ) {
      let recipe = rounding(T: 4096, A_log: "0", input: "-0.4:0.7")
      let errors = try drift(recipe)
      let all = [errors.chunked.y, errors.chunked.state, errors.checkpoint.y, errors.checkpoint.state]
      return Result(
        text(errors), all.allSatisfy { (1e-3...2e-2).contains($0) } ? .inKind : .fails, recipe: recipe)
    },
    Claim(
      "slow-decay", "the two are numerically interchangeable in bf16", source: "#1217 thread",
      published: "ratio 1"
    ) {
      let recipe =
        "v1/B1-T2048-Hk1-Hv2-Dk64-Dv16/model/keys=random/decay=input:-7:0.5/A_log=1.1/write=logits:-5:-1/f32/seed=6"
      let errors = try drift(recipe)
      let ratio = errors.checkpoint.y / errors.chunked.y
      return Result(
        "slow decay: \(text(errors)): y \(short(ratio)) times", ratio <= 2 ? .holds : .fails, recipe: recipe)
    },
    Claim(
      "state-fp32", "without a state given, bf16 inputs keep an fp32 state", source: "#997", published: "fp32"
    ) {
      let one = try ClaimCase(
        "v1/B1-T64-Hk1-Hv2-Dk16-Dv16/model/keys=random/decay=input:0:1/write=logits:-2:2/bf16/seed=5")
      let states = try ["sequential", "checkpoint", "fused", "chunked"].compactMap {
        try one.run($0)[.stateOut]
      }
      let coarse = states.flatMap(\.values).filter { Precision.bf16.round($0) == $0 }.count
      let count = states.reduce(0) { $0 + $1.values.count }
      return Result(
        "\(coarse) of \(count) state entries fit bf16", coarse * 10 < count ? .holds : .fails,
        recipe: one.recipe)
    },
  ]

  private static func rounding(T: Int, A_log: String, input: String) -> String {
    "v1/B1-T\(T)-Hk1-Hv2-Dk16-Dv16/model/keys=random/decay=input:\(input)/A_log=\(A_log)/write=logits:-2:2/f32/seed=6"
  }

  private typealias Errors = (y: Double, state: Double)

  private static func text(_ errors: (checkpoint: Errors, chunked: Errors)) -> String {
    "#1217 y \(short(errors.checkpoint.y)) state \(short(errors.checkpoint.state)), "
      + "#1389 y \(short(errors.chunked.y)) state \(short(errors.chunked.state))"
  }

  /// #1217 rounds g to the format of a, #1389 rounds y to that of q.
  private static func drift(_ recipe: String) throws -> (checkpoint: Errors, chunked: Errors) {
    let one = try ClaimCase(recipe)
    let rounded = try one.problem.rounded(to: .bf16)
    let request = Request(gradients: false)
    let checkpoint = try Catalogue.checkpoint(
      name: "1217", gates: GateRule(clamp: .logDecay(floor: -20), roundsDecay: true)
    ).evaluate(rounded, request: request)
    var chunked = try Catalogue.chunked(.upstream(), name: "1389").evaluate(rounded, request: request)
    chunked.results[.y] = chunked[.y]?.rounded(to: .bf16)
    return (
      (one.error(checkpoint, .y), one.error(checkpoint, .stateOut)),
      (one.error(chunked, .y), one.error(chunked, .stateOut))
    )
  }
}

extension Problem {
  /// The same problem with its inputs in another format; the gates' parameters stay as they are.
  func rounded(to precision: Precision) throws -> Problem {
    var primals = primals
    (primals.q, primals.k, primals.v) = (
      primals.q.rounded(to: precision), primals.k.rounded(to: precision), primals.v.rounded(to: precision)
    )
    switch primals.gates {
    case .core(let g, let beta): primals.gates = .core(g: g, beta: beta.rounded(to: precision))
    case .model(let a, let b, let A_log, let dt_bias):
      primals.gates = .model(
        a: a.rounded(to: precision), b: b.rounded(to: precision), A_log: A_log, dt_bias: dt_bias)
    }
    return try Problem(shape: shape, primals: primals, mask: mask, cotangents: cotangents)
  }
}
