import GatedDeltaRule
import Generator
import Implementations
import Oracle

extension Claim {
  /// That the four forms compute the same.
  static let agreement: [Claim] = [
    Claim(
      "checkpoint-exact", "the checkpoint form's y and state are the sequential form's, bit for bit",
      source: "#1217", published: "0"
    ) {
      var (values, different) = (0, 0)
      for seed in 0..<10 {
        for gates in ["input:0:1/A_log=-1", "input:-4:1/A_log=heads"] {
          let one = try ClaimCase(
            "v1/B2-T130-Hk2-Hv4-Dk8-Dv6/model/keys=random/decay=\(gates)/write=logits:-4:4/state=random/f32/seed=\(seed)"
          )
          let (expected, found) = (try one.run("sequential"), try one.run("checkpoint"))
          for quantity in [Quantity.y, .stateOut] {
            let pairs = zip(expected[quantity]?.values ?? [.nan], found[quantity]?.values ?? [.nan])
            for (x, o) in pairs {
              values += 1
              if x.bitPattern != o.bitPattern { different += 1 }
            }
          }
        }
      }
      return Result("\(different) of \(values) numbers differ", different == 0 ? .holds : .fails)
    },
    Claim(
      "groups-masks-states", "grouped heads, masks and carried states: all gradients match",
      source: "#1389 thread", published: "all"
    ) {
      var (count, agreeing) = (0, 0)
      for group in [1, 2, 4] {
        for mask in ["none", "left:5/pad=noise", "right:9/pad=noise", "holes:0.3/pad=noise"] {
          let recipe =
            "v1/B2-T130-Hk2-Hv\(2 * group)-Dk16-Dv8/model/keys=random/decay=input:0:1/A_log=-1/write=logits:-2:2/"
            + "state=random/dstate=random/mask=\(mask)/f32/seed=1"
          let check = try CrossCheck(Recipe(recipe))
          for implementation in Registry.all where !implementation.declaration.isControl {
            let grade = check.judge(implementation).grade
            if grade == .refused { continue }
            count += 1
            if grade == .agrees { agreeing += 1 }
          }
        }
      }
      return Result("\(agreeing) of \(count) verdicts agree", agreeing == count ? .holds : .fails)
    },
    eightGradients(
      "gradients-moderate", "eight gradients agree, moderate decay",
      recipe: inputs(A_log: "-1", input: "0:1", T: 130)),
    eightGradients(
      "gradients-slow", "the same, slow decay (dt_bias -4)",
      recipe: inputs(A_log: "heads", input: "-4:1", T: 128)),
    eightGradients(
      "gradients-init", "the same, as models start (A up to 16, dt_bias 1)",
      recipe: inputs(A_log: "heads", input: "1:1", T: 128)),
    eightGradients(
      "gradients-saturated", "the same, every head saturated (A 11, a + dt_bias 3)",
      recipe: inputs(A_log: "2.4", input: "3:1", T: 128)),
    Claim(
      "kernel-constraints", "the fused kernel runs exactly if Dk % 32 == 0, Dv % 4 == 0 and no mask",
      source: "#1217", published: "always"
    ) {
      let routing = Routing(revision: .pull1217, isTraining: true, hasMetal: true)
      var (count, wrong) = (0, 0)
      for Dk in 1...192 {
        for Dv in 1...16 {
          for hasMask in [false, true] {
            let shape = try Shape(B: 1, T: 64, Hk: 1, Hv: 1, Dk: Dk, Dv: Dv)
            let isFused = routing.decision(for: shape, hasMask: hasMask).path == .fused
            count += 1
            if isFused != (Dk % 32 == 0 && Dv % 4 == 0 && !hasMask) { wrong += 1 }
          }
        }
      }
      return Result("\(wrong) exceptions in \(count) shapes", wrong == 0 ? .holds : .fails)
    },
  ]

  static func inputs(A_log: String, input: String, T: Int) -> String {
    "v1/B2-T\(T)-Hk2-Hv8-Dk16-Dv16/model/keys=random/decay=input:\(input)/A_log=\(A_log)/write=logits:-2:2/"
      + "state=random/dstate=random/f32/seed=1"
  }

  /// The worst of the eight, for the two forms that the claim is about.
  private static func eightGradients(_ name: String, _ text: String, recipe: String) -> Claim {
    Claim(name, text, source: "#1217 thread", published: "<= 1.3e-5") {
      let one = try ClaimCase(recipe)
      let (checkpoint, chunked) = (try one.run("checkpoint-clamped"), try one.run("chunked"))
      func worst(_ evaluation: Evaluation) -> (error: Double, quantity: Quantity) {
        one.gradients.map { (one.error(evaluation, $0), $0) }.max { $0.0 < $1.0 } ?? (.infinity, .dq)
      }
      let (first, second) = (worst(checkpoint), worst(chunked))
      return Result(
        "#1217 \(short(first.error)) (\(first.quantity.rawValue)), #1389 \(short(second.error)) "
          + "(\(second.quantity.rawValue)), its dA_log \(short(one.error(chunked, .dA_log)))",
        max(first.error, second.error) <= 1.3e-5 ? .holds : .fails, recipe: recipe)
    }
  }
}
