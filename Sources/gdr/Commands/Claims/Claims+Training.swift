import Implementations
import Training

extension Claim {
  /// What the choice of a form means to training.
  static let training: [Claim] = [
    Claim(
      "training-curves", "loss curves of two backward paths agree to the end (300 steps, low-rank adapters)",
      source: "#1217 and #1389 threads", published: "<= 0.004", isQuick: false
    ) {
      let names = ["sequential", "checkpoint", "fused", "chunked"]
      let curves = try inParallel(names) { name in
        guard let layer = Registry.named(name) else {
          throw UsageError.unknownImplementation(name, nearest: nil)
        }
        return try Run(iterations: 300).losses(of: layer)
      }
      let largest = curves.dropFirst().flatMap { curve in zip(curve, curves[0]).map { ($0 - $1).magnitude } }
        .reduce(0) { $0 >= $1 ? $0 : $1.isNaN ? .infinity : $1 }
      let ends = curves.map { $0.last ?? .nan }
      return Result(
        "\(short(largest)) at any step; loss \(short(curves[0][0])) to \(short(ends.min() ?? .nan))",
        largest <= 0.004 && ends.allSatisfy { $0 < curves[0][0] / 2 } ? .holds : .fails)
    }
  ]
}
