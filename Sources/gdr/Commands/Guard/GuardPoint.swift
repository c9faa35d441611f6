import Foundation
import GatedDeltaRule
import Generator
import Implementations
import Kernels
import Oracle

/// One place of the sweep: what the keys, gates and lengths are.
package struct GuardPoint: Hashable, Sendable, Codable {
  /// How the keys lie to each other, in the words of a recipe.
  package var keys: String
  /// Write strength.
  package var beta: Double
  /// Decay factor.
  package var g: Double
  /// Tokens.
  package var T: Int
  /// Tokens of a chunk.
  package var chunk: Int

  /// By default the corner: equal keys, beta near 1, no decay, four chunks.
  package init(keys: String = "equal", beta: Double = 0.999, g: Double = 1, T: Int = 256, chunk: Int = 64) {
    (self.keys, self.beta, self.g, self.T, self.chunk) = (keys, beta, g, T, chunk)
  }

  /// Collinear, equal up to sign, cones from narrow to wide, clusters of such, one plane, and directions without order.
  package static let geometries = [
    "equal", "flipped", "cone:5", "cone:15", "cone:25", "cone:35", "cone:45", "clusters:4:5", "clusters:4:25",
    "plane", "random",
  ]
  static let strengths = [0.5, 0.9, 0.99, 0.999, 1]
  /// Beyond what a sigmoid gives.
  static let wideStrengths = [1.5, 1.9, 2]
  static let decays = [1, 1 - 1e-7, 0.99, 0.9, 0.7]
  static let lengths = [64, 128, 256, 4096]
  static let chunks = [32, 64, 128]

  /// The case in one line.
  var recipe: String {
    let logarithm = g == 1 ? "none" : "\(log(g))"
    let write = beta > 1 ? "wide:\(beta):\(beta)" : "\(beta)"
    return "v1/B1-T\(T)-Hk1-Hv1-Dk8-Dv8/keys=\(keys)/decay=\(logarithm)/write=\(write)/f32/seed=0"
  }

  /// Its tensors.
  func problem() throws -> Problem { try Recipe(recipe).render() }
}

/// One solve on one place: what the layer came to, and what the solve alone did in its first chunk.
package struct GuardCell: Hashable, Sendable, Codable {
  /// The method of the solve.
  package var method: String
  /// Rows of its blocks.
  package var subBlock: Int
  /// Where.
  package var point: GuardPoint
  /// The larger of max |x - ref| / max |ref| of y and of the final state; absent where only the solve was run.
  package var error: Double?
  /// The oracle's verdict on the layer with all its gradients.
  package var grade: Grade?
  /// The solve of the first chunk.
  package var solve: SolveMeasure

  package init(
    _ solve: Solve, at point: GuardPoint, error: Double?, grade: Grade?, measure: SolveMeasure
  ) {
    (method, subBlock, self.point) = (solve.method.rawValue, solve.subBlock, point)
    (self.error, self.grade, self.solve) = (error, grade, measure)
  }

  /// Whether this is the cell of a solve.
  package func isOf(_ solve: Solve) -> Bool { method == solve.method.rawValue && subBlock == solve.subBlock }
}
