import Foundation
import GatedDeltaRule
import Generator
import Implementations
import Kernels
import Oracle

extension Claim {
  /// Gram matrices formed once for the value heads of a group.
  static let sharing: [Claim] = [
    Claim(
      "sharing-numerics", "sharing the Gram matrices changes rounding alone", source: "#1389 thread",
      published: "y 5e-7, gradients 8e-7"
    ) {
      var (outputs, gradients) = (0.0, 0.0)
      for group in [1, 2, 4] {
        let one = try ClaimCase(
          "v1/B2-T130-Hk2-Hv\(2 * group)-Dk16-Dv8/keys=random/decay=random:-0.2:1/write=logits:-2:2/state=random/dstate=random/f32/seed=9"
        )
        let (shared, apart) = (try run(.perKeyHead, one.problem), try run(.perValueHead, one.problem))
        for quantity in Quantity.all(at: .core) {
          let difference = RelativeError(of: apart[quantity], from: shared[quantity]).ofLargest
          if quantity.isGradient {
            gradients = max(gradients, difference)
          } else {
            outputs = max(outputs, difference)
          }
        }
      }
      return Result(
        "outputs \(short(outputs)), gradients \(short(gradients)) of the largest",
        outputs <= 2e-6 && gradients <= 1e-5 ? .holds : .fails)
    },
    Claim(
      "sharing-flops", "sharing saves a seventh of the forward pass (4 heads a group, 192 x 128)",
      source: "#1389 thread", published: "13-14% at least"
    ) {
      let ratio = flops(group: 4, shared: false) / flops(group: 4, shared: true)
      return Result(
        "operations \(String(format: "%.2f", ratio)) to 1, \(String(format: "%.0f", (1 - 1 / ratio) * 100))%",
        (0.10...0.20).contains(1 - 1 / ratio) ? .holds : .inKind)
    },
    Claim(
      "sharing-speed", "the same, measured", source: "#1389 thread", published: "1.21 to 1.37", isQuick: false
    ) {
      let problem = try Recipe(
        "v1/B1-T256-Hk2-Hv8-Dk192-Dv128/keys=random/decay=-0.2/write=0.5/f32/seed=9"
      ).render()
      var times: [ChunkedForm.Gram: [Double]] = [:]
      for _ in 0..<9 {
        for gram in [ChunkedForm.Gram.perKeyHead, .perValueHead] {
          let clock = ContinuousClock()
          let time = try clock.measure { _ = try run(gram, problem, gradients: false) }
          times[gram, default: []].append(time / .seconds(1))
        }
      }
      let ratio = median(
        zip(times[.perValueHead] ?? [], times[.perKeyHead] ?? []).map { $0 / $1 })
      return Result(
        "\(String(format: "%.2f", ratio)) to 1, forward, on this processor",
        ratio >= 1.1 ? .holds : ratio > 1 ? .inKind : .fails)
    },
  ]

  private static func run(
    _ gram: ChunkedForm.Gram, _ problem: Problem, gradients: Bool = true
  ) throws -> Evaluation {
    var form = ChunkedForm.upstream()
    form.gram = gram
    return try Catalogue.chunked(form, name: "variant").evaluate(
      problem, request: Request(gradients: gradients))
  }

  /// Multiply-adds of one chunk of one value head, C = 64, sub-blocks of 16.
  private static func flops(group: Int, shared: Bool) -> Double {
    let (C, b, Dk, Dv) = (64.0, 16.0, 192.0, 128.0)
    let grams = 2 * C * C * Dk / (shared ? Double(group) : 1)
    // Off-diagonal blocks by substitution; in each block four steps on the right-hand side and three squarings.
    let solve = C * (C - b) / 2 * (Dk + Dv) + C / b * (4 * b * b * (Dk + Dv) + 3 * b * b * b)
    let state = C * Dk * Dv * 3 + C * C * Dv
    return grams + solve + state
  }
}
