import Foundation
import GatedDeltaRule
import Generator
import Machine

/// Every sentence that a person reads about a verdict is made here.
public enum Report {
  /// A verdict in a few words, with its figures.
  public static func sentence(_ judgement: Judgement) -> String {
    sentence(judgement.verdict, judgement)
  }

  private static func sentence(_ verdict: Verdict, _ judgement: Judgement) -> String {
    switch verdict {
    case .agrees(0) where judgement.isExact: "agrees: no error, on a case in which nothing has to be rounded"
    case .agrees(let ratio):
      "agrees: largest error \(number(ratio)) of its bound" + (judgement.note.map { " (\($0))" } ?? "")
        + uninformative(judgement.uninformative)
    case .refused(let reason): judgement.lacksMemory ? reason : "refuses: \(reason)"
    case .failed(let reason): "failed: \(reason)"
    case .memory(let seen, let numbers):
      "memory: \(seen.joined(separator: "; "))"
        + (numbers.grade == .agrees
          ? "; its numbers agree all the same" : "; and its numbers: " + sentence(numbers, judgement))
    case .degraded(let disagreement): "is degraded: " + sentence(disagreement)
    case .disagrees(let disagreement): "disagrees: " + sentence(disagreement)
    }
  }

  /// Of which results agreeing says little.
  private static func uninformative(_ quantities: [Quantity]) -> String {
    guard !quantities.isEmpty else { return "" }
    return
      "; not informative for \(quantities.map(\.rawValue).joined(separator: ", ")): an error of more than 1% of it "
      + "would have passed"
  }

  private static func sentence(_ disagreement: Disagreement) -> String {
    let place = disagreement.quantity.rawValue + place(disagreement.index)
    if let exact = disagreement.exact { return sentence(disagreement, exact, place) }
    if let systematic = disagreement.systematic {
      return sentence(disagreement.quantity, disagreement.found, systematic)
        + " (within the bound; \(weight(systematic))); \(cause(disagreement))"
    }
    let (found, expected) = told(apart: disagreement.found, disagreement.expected)
    let values = "\(place) is \(found), the reference says \(expected)"
    let test =
      switch disagreement.test {
      case .bound: "error \(number(disagreement.ratio)) times its bound"
      case .double: "in fp64, error \(number(disagreement.ratio)) times its bound"
      case .mask: "the gradient of a masked token must be 0"
      case .exact: "any error is a fault"
      case .twin: "no error of rounding"
      }
    return "\(values) (\(test)); \(cause(disagreement))"
  }

  private static func sentence(
    _ disagreement: Disagreement, _ exact: Disagreement.Exact, _ place: String
  ) -> String {
    let off = disagreement.found - disagreement.expected
    let leaves =
      exact.exemption.map {
        "every intermediate is representable but for the rounding of \($0.rawValue), and the error is "
          + "\(number(disagreement.ratio)) times what that leaves"
      } ?? "every intermediate is representable, so that any error is a fault"
    // What three digits do not tell apart is written in full.
    let isNear = whole(disagreement.found) == whole(disagreement.expected)
    let found = isNear ? "\(Float(disagreement.found))" : whole(disagreement.found)
    return "\(place) is \(found), exactly \(whole(disagreement.expected)) "
      + "(off by \(whole(off)); this case is exact in \(exact.format): \(leaves)); \(cause(disagreement))"
  }

  private static func cause(_ disagreement: Disagreement) -> String {
    if disagreement.isOfEarlierCases {
      return "cause unknown: the case answered again is right, so that something is left of earlier ones"
    }
    let scaling =
      disagreement.roundoffExponent.map {
        $0.isFinite ? " (error scales as u^\(String(format: "%.2f", $0)))" : " (exact in fp64)"
      } ?? ""
    return switch disagreement.cause {
    case .wrongFormula:
      "a wrong formula or a hidden down-cast\(scaling): the error does not shrink with the roundoff"
    case .unstable:
      "an unstable algorithm\(scaling): the error shrinks with the roundoff; "
        + "relative error \(number(disagreement.normError)) (Frobenius norm)"
        + (disagreement.loss.map { $0 <= 1 ? "" : ", \(number($0)) times what a deployment in bf16 loses" }
          ?? "")
    case .lowPrecision:
      "low precision\(scaling): fp64 amplifies nothing, so a part of the run in fp32 is done in fewer bits"
    case .nonFinite: "not finite where the reference is"
    case .systematic: "a systematic error, not one of rounding"
    case .unknown: "cause unknown: no run in fp64 to tell a wrong formula from an unstable algorithm"
    }
  }

  /// What one implementation came to: the verdict, or the property that it violates although it agrees.
  public static func sentence(_ result: CaseResult) -> String {
    guard let broken = result.brokenProperty else {
      return sentence(result.judgement) + plain(result.judgement)
        + result.movements.sorted { $0.key < $1.key }.map(sentence).joined()
    }
    guard let violation = broken.violation else {
      return
        "matches the reference, but there is no answer for property \(broken.name): \(broken.reason ?? "")"
    }
    // What three digits do not tell apart is written in full.
    let isNear = number(violation.found) == number(violation.expected)
    func text(_ x: Double) -> String { isNear ? "\(x)" : number(x) }
    let isOfBits = violation.tolerance == 0 && violation.found.isFinite && violation.expected.isFinite
    // A session has more calls than the one that is compared with the reference.
    let isOfCalls = Property.named(broken.name)?.isOfCalls == true
    let opening =
      isOfCalls
      ? "is right in one call, but violates property" : "matches the reference but violates property"
    return
      "\(opening) \(broken.name): \(violation.what)\(place(violation.index)) "
      + "is \(text(violation.found)), expected \(text(violation.expected)) "
      + (isOfBits
        ? "(the same bits are promised)" : "(\(number(violation.ratio)) times what rounding allows)")
  }

  private static func plain(_ judgement: Judgement) -> String {
    judgement.plainRatio.map {
      "; under the plain law (fp32 throughout) \($0 <= 1 ? "it agrees" : "it fails"): \(number($0)) times the bound"
    } ?? ""
  }

  private static func sentence(_ property: String, _ movement: Movement) -> String {
    guard movement.moved > 0 else { return "" }
    if property == Property.residual.name {
      return
        "; S k, or W S, is rounded before it is subtracted: where the state nearly predicts v nothing is written"
    }
    let cause = property == Property.repeated.name ? "when asked again" : "where other tokens follow"
    return "; \(number(100 * movement.share))% of the elements have other bits \(cause)"
  }

  /// The flag that names a worker and its command, as a shell reads it.
  package static func against(_ name: String, _ command: String) -> String {
    "--against " + "\(name)=\(command)".shellWord
  }

  /// What a person adds to `gdr replay RECIPE` for an implementation.
  package static func replayFlags(
    _ name: String, command: String?, law: String?, contract: String? = nil
  ) -> String {
    (command.map { against(name, $0) } ?? "--only \(name)") + (law.map { " --as \($0)" } ?? "")
      + (contract.map { " --contract \($0)" } ?? "")
  }

  /// Why a finding is kept, in a sentence.
  static func why(_ result: CaseResult) -> String { "found by fuzzing: " + sentence(result) }

  private static func place(_ index: [Int]) -> String {
    index.isEmpty ? "" : "[" + index.map(String.init).joined(separator: ",") + "]"
  }

  /// Two numbers that differ, with as many digits as show it.
  private static func told(apart first: Double, _ second: Double) -> (String, String) {
    let short = (number(first), number(second))
    guard short.0 == short.1, first != second, first.isFinite, second.isFinite else { return short }
    for digits in 4...16 {
      let longer = (String(format: "%.\(digits)g", first), String(format: "%.\(digits)g", second))
      if longer.0 != longer.1 { return longer }
    }
    return ("\(first)", "\(second)")
  }

  /// All digits of a number that has few.
  private static func whole(_ x: Double) -> String {
    x.magnitude < 0x1p53 && x == x.rounded()
      ? String(Int(x)) : number(x) == "0" || x * 4096 == (x * 4096).rounded() ? "\(x)" : number(x)
  }

  /// Three significant digits, in the notation a person would choose.
  package static func number(_ x: Double) -> String {
    guard x.isFinite else { return x.isNaN ? "NaN" : x < 0 ? "-inf" : "inf" }
    if x == 0 { return "0" }
    let plain = (0.001..<10_000).contains(x.magnitude)
    return plain ? String(format: "%.3g", x) : String(format: "%.2e", x)
  }
}
