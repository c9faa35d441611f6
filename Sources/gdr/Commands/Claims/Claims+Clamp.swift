import Foundation
import GatedDeltaRule
import Generator
import Implementations
import Oracle

extension Claim {
  /// Floors under the decay.
  static let clamp: [Claim] = [
    Claim(
      "dead-zone", "dg is exactly 0 for g up to the clamp of #1389", source: "#1217 thread",
      published: "1e-12"
    ) {
      let below = try oneGate(logarithm: log(0.9e-12))
      let above = try oneGate(logarithm: log(1.1e-12))
      let gradients = (
        try gate(below, "chunked"), try gate(above, "chunked"), gate(below.reference.evaluation)
      )
      return Result(
        "\(short(gradients.0)) below, \(short(gradients.1)) above; reference \(short(gradients.2))",
        gradients.0 == 0 && gradients.1 != 0 && gradients.2 != 0 ? .holds : .fails, recipe: below.recipe)
    },
    Claim(
      "noise-zone", "above the clamp dg is right", source: "implied by #1217 thread",
      published: "right above 1e-12"
    ) {
      let levels = [1e-3, 1e-6, 1e-9, 1e-11]
      let errors = try levels.map { g in
        let one = try oneGate(logarithm: log(g))
        return (try gate(one, "chunked") / gate(one.reference.evaluation) - 1).magnitude
      }
      let mended = try levels.map { g in
        let one = try oneGate(logarithm: log(g))
        return (try gate(one, "chunked-stable") / gate(one.reference.evaluation) - 1).magnitude
      }
      let text = zip(levels, errors).map { "g \(short($0)): \(short($1))" }.joined(separator: ", ")
      let isNoisy = (errors.last ?? 0) > 1 && (mended.max() ?? 1) < 1e-4
      return Result(
        "relative error \(text); crossing sum at most \(short(mended.max() ?? .nan))",
        isNoisy ? .fails : .holds,
        recipe: try oneGate(logarithm: log(1e-11)).recipe)
    },
    Claim(
      "own-clamp", "#1217's own clamp makes an equivalent dead zone", source: "#1217",
      published: "exp(-20), equivalent"
    ) {
      // The edge is where the gradient of the input stops: bisection on log g.
      let own = try edge("checkpoint-clamped")
      let other = try edge("chunked")
      let ratio = exp(own - other)
      return Result(
        "log g \(String(format: "%.2f", own)) against \(String(format: "%.2f", other)): \(short(ratio)) times higher",
        (0.5...2).contains(ratio) ? .holds : .fails, recipe: try oneGate(logarithm: own - 0.1).recipe)
    },
  ]

  /// Eight tokens, g = 0.9, but one.
  private static func oneGate(logarithm: Double) throws -> ClaimCase {
    try ClaimCase(
      "v1/B1-T8-Hk1-Hv1-Dk8-Dv8/keys=random/decay=forget:3:\(logarithm):\(log(0.9))/write=0.5/state=random/f32/seed=4"
    )
  }

  private static func gate(_ evaluation: Evaluation) -> Double { evaluation[.dg]?.values[3] ?? .nan }

  private static func gate(_ one: ClaimCase, _ name: String) throws -> Double { gate(try one.run(name)) }

  /// The largest log g whose gradient is exactly zero.
  private static func edge(_ name: String) throws -> Double {
    var (dead, live) = (-40.0, -5.0)
    while live - dead > 1e-3 {
      let middle = (dead + live) / 2
      if try gate(oneGate(logarithm: middle), name) == 0 { dead = middle } else { live = middle }
    }
    return dead
  }
}
