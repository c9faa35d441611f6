import Foundation
import GatedDeltaRule
import Generator

/// Every sentence that a person reads about a verdict is made here.
public enum Report {
  /// A verdict in a few words, with its figures.
  public static func sentence(_ judgement: Judgement) -> String {
    switch judgement.verdict {
    case .agrees(let ratio): "agrees, worst error \(number(ratio)) of its bound"
    case .refused(let reason): "refuses: \(reason)"
    case .failed(let reason): "failed: \(reason)"
    case .degraded(let disagreement): "is degraded: " + sentence(disagreement)
    case .disagrees(let disagreement): "disagrees: " + sentence(disagreement)
    }
  }

  private static func sentence(_ disagreement: Disagreement) -> String {
    let place =
      disagreement.quantity.rawValue + "[" + disagreement.index.map(String.init).joined(separator: ",") + "]"
    let values =
      "\(place) is \(number(disagreement.found)), the reference says \(number(disagreement.expected))"
    let test =
      switch disagreement.test {
      case .bound: "error \(number(disagreement.ratio)) times its bound"
      case .double: "in fp64, error \(number(disagreement.ratio)) times its bound"
      case .mask: "a masked token has no gradient"
      }
    return "\(values) (\(test)); \(cause(disagreement))"
  }

  private static func cause(_ disagreement: Disagreement) -> String {
    let scaling =
      disagreement.roundoffExponent.map {
        $0.isFinite ? " (error scales as u^\(number($0)))" : " (exact in fp64)"
      } ?? ""
    return switch disagreement.cause {
    case .wrongFormula:
      "a wrong formula or a hidden down-cast\(scaling): the error does not shrink with the roundoff"
    case .unstable:
      "an unstable algorithm\(scaling): the error shrinks with the roundoff; "
        + "relative error \(number(disagreement.normError)) (Frobenius norm)"
    case .lowPrecision:
      "low precision\(scaling): in fp64 nothing is amplified, so fp32 is not kept all the way"
    case .nonFinite: "not finite where the rule is"
    case .unknown: "no run in fp64 to tell a wrong formula from an unstable algorithm"
    }
  }

  /// What one implementation came to: the verdict, or the property that it violates although it agrees.
  public static func sentence(_ statement: Court.Statement) -> String {
    guard let (property, violation) = statement.violation else { return sentence(statement.judgement) }
    return "violates \(property): \(violation.what) is \(number(violation.found)), the law asks for "
      + "\(number(violation.expected)) (\(number(violation.ratio)) times what rounding allows)"
  }

  /// What an implementation is charged with: what the verdict says, unless a property alone is violated.
  static func sentence(_ judgement: Judgement, _ failure: Failure) -> String {
    Property.named(failure.kind) == nil ? sentence(judgement) : violated(failure)
  }

  /// A violated property in a few words.
  static func violated(_ failure: Failure) -> String {
    "violates \(failure.kind), \(number(failure.severity)) times what rounding allows"
  }

  /// Why a finding is kept, in a sentence.
  public static func why(_ judgement: Judgement) -> String { "found by fuzzing: " + sentence(judgement) }

  /// Three significant digits, in the notation a person would choose.
  public static func number(_ x: Double) -> String {
    guard x.isFinite else { return x.isNaN ? "NaN" : x < 0 ? "-inf" : "inf" }
    if x == 0 { return "0" }
    let plain = (0.001..<10_000).contains(x.magnitude)
    return plain ? String(format: "%.3g", x) : String(format: "%.2e", x)
  }
}
