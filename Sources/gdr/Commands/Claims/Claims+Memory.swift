import Foundation
import GatedDeltaRule
import Generator
import Implementations
import Oracle

extension Claim {
  /// Bytes that are held, as the implementations count them, and what follows from shapes alone.
  static let memory: [Claim] = [
    Claim(
      "retained-states", "states kept fall from T to T / 64, and 64 inside a chunk", source: "#1217, #1389",
      published: "O(T) to O(T / 64)"
    ) {
      let T = 4096
      let one = try ClaimCase("v1/B1-T\(T)-Hk1-Hv1-Dk16-Dv16/keys=random/decay=-0.1/write=0.5/f32/seed=0")
      let states = try ["sequential", "checkpoint", "chunked"].map { name in
        Double(try one.run(name).peakBytes ?? 0) / Double(4 * 16 * 16)
      }
      let holds = states[0] >= Double(T) && states[1] <= Double(T / 64 + 64 + 4)
      return Result(
        "T = \(T): sequential \(Int(states[0])), checkpoint \(Int(states[1])), chunked \(Int(states[2])) states' bytes",
        holds ? .holds : .fails, recipe: one.recipe)
    },
    Claim(
      "memory-order", "the loop needs most and chunks least, at every length (fused between)",
      source: "#1217 table, evaluation",
      published: "loop > fused > chunked", isQuick: false
    ) {
      var lines: [String] = []
      var holds = true
      for T in [256, 512, 1024, 2048] {
        let one = try ClaimCase("v1/B1-T\(T)-Hk1-Hv4-Dk64-Dv64/keys=random/decay=-0.1/write=0.5/f32/seed=0")
        let bytes = try ["sequential", "checkpoint", "fused", "chunked"].map {
          try one.run($0).peakBytes ?? 0
        }
        holds = holds && bytes[0] == bytes.max() && bytes[3] == bytes.min()
        lines.append("\(T): \(bytes.map { String(format: "%.1f", Double($0) / 1e6) }.joined(separator: " "))")
      }
      return Result(
        "MB of loop checkpoint fused chunked at \(lines.joined(separator: ", "))", holds ? .holds : .inKind)
    },
    Claim(
      "history-buffer", "the fused form's history of a chunk, 64 heads of 128 x 192, in bf16",
      source: "#1217 source", published: "~400 MB"
    ) {
      let shape = try Shape(B: 1, T: 64, Hk: 16, Hv: 64, Dk: 192, Dv: 128)
      let states = Double(shape.T * shape.state.reduce(1, *))
      let bytes = [Precision.bf16, .fp32].map { states * Double($0.byteCount) / 1e6 }
      return Result(
        "\(String(format: "%.1f", bytes[0])) MB in bf16, \(String(format: "%.1f", bytes[1])) in fp32",
        (350...450).contains(bytes[0]) ? .holds : .fails)
    },
    Claim(
      "token-bytes", "the loop keeps 8 MB per token and layer (32 heads of 128 x 128)", source: "#1870",
      published: "8 MB"
    ) {
      let shape = try Shape(B: 1, T: 1, Hk: 16, Hv: 32, Dk: 128, Dv: 128)
      let state = Double(shape.state.reduce(1, *) * Precision.fp32.byteCount) / 1e6
      let count = (8 / state).rounded()
      return Result(
        "a state is \(String(format: "%.2f", state)) MB: \(Int(count)) of them",
        (2...6).contains(count) ? .inKind : .fails)
    },
    Claim(
      "speed-table", "the Metal form is 8 to 11 times as fast as the checkpoint form", source: "#1217 table",
      published: "8 to 11"
    ) {
      let table = [(145.3, 13.4), (296.3, 28.2), (599.6, 62.2), (1233.5, 149.8)]
      let ratios = table.map { $0.0 / $0.1 }
      let ends = (ratios.min() ?? .nan, ratios.max() ?? .nan)
      return Result(
        "its own table says \(String(format: "%.1f to %.1f", ends.0, ends.1))",
        ends.0 >= 8 && ends.1 <= 11 ? .holds : .fails)
    },
  ]
}
