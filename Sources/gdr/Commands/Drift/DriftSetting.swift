import Foundation
import GatedDeltaRule
import Generator
import Oracle

/// How slowly the state of a sequence decays.
struct DriftSetting: Hashable, Sendable {
  /// As it was written: `0.999`, or `softplus:-15.5`.
  let name: String
  private let pattern: Recipe.DecayPattern

  /// At core level a decay factor near 1, at model level an argument of softplus so far below 0 that log(1 + e^x) loses
  /// it.
  static let usual = ["0.999", "0.9999", "softplus:-15.5"]
  /// Of a write: little, so that what is in the state decays and is not written over.
  static let write = 0.001
  /// log 16, the largest rate that models begin with.
  private static let A_log = 2.772_588_722_239_781

  /// - Throws: `UsageError` where the text is no decay.
  init(_ text: String) throws(UsageError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    name = text
    if parts.count == 2, parts[0] == "softplus", let x = Decimal.number(parts[1]), (-100...0).contains(x) {
      pattern = .input(x, noise: 0)
    } else if parts.count == 1, let g = Decimal.number(parts[0]), g > 0, g <= 1 {
      pattern = .constant(log(g))
    } else {
      throw .notAChoice(
        flag: "decay", text: text, choices: ["G in (0, 1]", "softplus:X with X from -100 to 0"])
    }
  }

  /// `g = 0.999`, `softplus(-15.5)`.
  var title: String { name.hasPrefix("softplus:") ? "softplus(\(name.dropFirst(9)))" : "g = \(name)" }

  /// The sequence.
  ///
  /// - Parameter D: channels of keys and of values.
  func sequence(inputs: Precision, contract: Contract, D: Int, seed: UInt64) throws -> DriftSequence {
    var recipe = Recipe(
      T: DriftSequence.piece, Dk: D, Dv: D, decay: pattern, write: .constant(DriftSetting.write),
      precision: inputs, seed: seed)
    recipe.contract = contract
    if case .input = pattern {
      recipe.level = .model
      recipe.A_log = .constant(DriftSetting.A_log)
    }
    return try DriftSequence(recipe)
  }
}
