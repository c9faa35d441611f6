import GatedDeltaRule
import Oracle

/// How one implementation did on one case.
package struct Outcome: Sendable {
  /// The verdict in a word.
  package enum Verdict: Hashable, Sendable {
    case agrees
    case degraded
    case disagrees
    case refused(String)
    case failed(String)
  }

  package let verdict: Verdict
  /// The largest error of each result over its bound, in fp32 and in fp64, whichever is worse.
  package let ratios: [Quantity: Double]
  /// A line for a person.
  package let sentence: String

  package init(_ verdict: Verdict, ratios: [Quantity: Double] = [:], sentence: String = "") {
    (self.verdict, self.ratios, self.sentence) = (verdict, ratios, sentence)
  }

  /// What the oracle says, in short.
  package init(_ judgement: Judgement) {
    let verdict: Verdict =
      switch judgement.verdict {
      case .agrees: .agrees
      case .degraded: .degraded
      case .disagrees: .disagrees
      case .refused(let reason): .refused(reason)
      case .failed(let reason): .failed(reason)
      }
    self.init(
      verdict, ratios: judgement.ratios.merging(judgement.doubleRatios, uniquingKeysWith: worse),
      sentence: Report.sentence(judgement))
  }
}

/// Takes a problem and judges any number of implementations on it. What a library recorded is judged like any other.
package typealias Judge = @Sendable (Problem) -> (any Implementation) -> Outcome

/// The oracle, with one reference for all implementations on a problem.
let judge: Judge = { problem in
  let check = CrossCheck(problem)
  return { Outcome(check.judge($0)) }
}

extension Outcome.Verdict {
  /// The head of its column.
  var word: String {
    switch self {
    case .agrees: "agrees"
    case .degraded: "degraded"
    case .disagrees: "disagrees"
    case .refused: "refused"
    case .failed: "failed"
    }
  }

  /// In the order of the columns.
  static let words = ["agrees", "degraded", "disagrees", "failed", "refused"]
}
