import Foundation
import GatedDeltaRule
import Generator
import Machine
import Oracle

/// A line of JSON for every case and implementation, in the schema of Hypothesis' observability, which tools such as
/// Tyche read ("PBT Observations", `hypothesis-python/docs/schema_observations.json` in its repository).
final class Observations {
  private let file: AppendedFile
  private let started = Date().timeIntervalSince1970
  private let seed: UInt64
  private let replayFlags: @Sendable (String) -> String

  /// Lines are added to what the file has already.
  ///
  /// - Parameter replayFlags: what is added to `gdr replay RECIPE` for an implementation.
  init(
    appendingTo path: String, seed: UInt64, replayFlags: @escaping @Sendable (String) -> String
  ) throws(FileFailure) {
    file = try AppendedFile(path)
    (self.seed, self.replayFlags) = (seed, replayFlags)
  }

  /// Writes down what every implementation came to on a case, in one piece.
  ///
  /// - Parameter duration: the time that judging the case took.
  func add(_ one: EvaluatedCase, index: Int, duration: Duration) throws {
    var data = Data()
    for result in one.results {
      let line = line(one.recipe, result, index: index, duration)
      data += try JSONSerialization.data(
        withJSONObject: line, options: [.sortedKeys, .withoutEscapingSlashes])
      data.append(UInt8(ascii: "\n"))
    }
    try file.append(data)
  }

  private func line(
    _ recipe: Recipe, _ result: CaseResult, index: Int, _ duration: Duration
  ) -> [String: Any] {
    let (status, reason) = Observations.status(result)
    var features: [String: Any] = ["verdict": result.grade.rawValue]
    for (quantity, ratio) in result.judgement.ratios {
      features["error over bound of \(quantity.rawValue)"] = Observations.number(ratio)
    }
    for label in recipe.labels { features[label] = "" }
    let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    return [
      "type": "test_case", "status": status, "status_reason": reason, "representation": recipe.text,
      "arguments": Observations.arguments(recipe), "how_generated": "case \(index) of seed \(seed)",
      "features": features,
      "coverage": NSNull(), "timing": ["overall:evaluation": max(0, seconds)],
      "metadata": [
        "index": index, "seed": "\(seed)", "properties": result.properties,
        "replay": "gdr replay \(recipe.text) \(replayFlags(result.implementation))",
      ] as [String: Any],
      "property": result.implementation, "run_start": started,
    ]
  }

  private static func status(_ result: CaseResult) -> (status: String, reason: String) {
    if result.failure != nil { return ("failed", Report.sentence(result)) }
    guard case .refused(let reason) = result.judgement.verdict else { return ("passed", "") }
    return ("gave_up", reason)
  }

  /// The parts of the recipe by their names; a part that is a word alone is true.
  private static func arguments(_ recipe: Recipe) -> [String: Any] {
    var arguments: [String: Any] = [
      "B": recipe.B, "T": recipe.T, "Hk": recipe.Hk, "Hv": recipe.Hv, "Dk": recipe.Dk, "Dv": recipe.Dv,
    ]
    for part in recipe.text.split(separator: "/").dropFirst(2) {
      let pair = part.split(separator: "=", maxSplits: 1)
      arguments[String(pair[0])] = pair.count == 2 ? String(pair[1]) : true
    }
    return arguments
  }

  /// JSON has no infinities.
  private static func number(_ x: Double) -> Any { x.isFinite ? x : Report.number(x) }
}
