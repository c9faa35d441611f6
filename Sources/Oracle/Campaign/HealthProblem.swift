import GatedDeltaRule
import Generator
import Machine

/// A failed check of a run's own health, whatever the run found: it could not see errors, or reports what is none.
///
/// Each check waits for as many cases as chance needs to be quiet, so that a short run raises no alarm.
package enum HealthProblem: Hashable, Sendable, CustomStringConvertible {
  /// In no case did any error come within a tenth of the bound: one ten times as large would pass everywhere.
  case looseBound(Quantity, worst: Double)
  /// Errors of correct code lie just below the bound too often: the next machine's rounding would fail.
  case tightBound(String, Quantity, share: Double)
  /// Two that are said to differ answer the same bits: the same code was asked twice.
  case twins(String, String, share: Double)
  /// The generator did not draw what it promises.
  case uncovered(label: String, count: Int, expected: Double)
  /// Most cases were refused, so that agreeing says little.
  case untested(String, share: Double)
  /// Gradients that it never answered and does not declare missing: nothing is known of them.
  case neverJudged(String, quantities: [String])
  /// A result is left out in some cases and not in others: where it is missing it was not judged.
  case sometimesMissing(String, quantity: String, share: Double)
  /// A chunk is declared that no case is long enough to leave.
  case neverPastChunk(Int)
  /// It amplifies rounding past its bound in some cases, by less than a deployment would notice.
  case degraded(String, count: Int, of: Int, worst: Tally.Degradation?, flags: String)
  /// It gave other bits when it was asked again, which it does not promise not to do.
  case unrepeatable(String, Drift, asked: Int, flags: String)
  /// y up to a token has other bits where other tokens follow, which it does not promise not to have.
  case farsighted(String, Drift, asked: Int, flags: String)
  /// It rounds S k before it is subtracted from v, which it does not say.
  case roundsResidual(String, Drift, asked: Int, flags: String)
  /// What was noted beside its verdicts.
  case noted(String, note: String, count: Int)
  /// Drawing and rendering take more of the time than they should.
  case slowGenerator(share: Double)

  /// One line.
  package var description: String {
    func percent(_ share: Double) -> String { "\(Report.number(100 * share))%" }
    return switch self {
    case .looseBound(let quantity, let worst):
      "the bound of \(quantity.rawValue) is loose: the worst error is \(Report.number(worst)) of it, so that one ten "
        + "times as large would pass"
    case .tightBound(let name, let quantity, let share):
      "the bound of \(quantity.rawValue) is tight: \(name) uses more than 0.7 of it in \(percent(share)) of the cases"
    case .twins(let one, let other, let share):
      "\(one) and \(other) answer the same bits in \(percent(share)) of the cases: are they the same code?"
    case .uncovered(let label, let count, let expected):
      "too rarely drawn: \(label), \(counted(count, "time")), expected \(Report.number(expected))"
    case .untested(let name, let share):
      "\(name) refused \(percent(share)) of the cases: these were not tested"
    case .neverJudged(let name, let quantities):
      "\(name) never answered \(quantities.joined(separator: " ")): never judged (a worker that has no gradients "
        + "says so in its hello, gradients: none)"
    case .sometimesMissing(let name, let quantity, let share):
      "\(name) leaves out \(quantity) in \(percent(share)) of the cases that it answers, and not in the others"
    case .neverPastChunk(let length):
      "no case leaves the first chunk of \(length) tokens: chunks longer than \(Profile.longestChunk) are not drawn, "
        + "and what happens between them was not tested"
    case .degraded(let name, let count, let all, let worst, let flags):
      "\(name) is degraded, which is no finding, in \(count) of \(counted(all, "case"))"
        + (worst.map {
          ": relative error up to \(Report.number($0.error)) (Frobenius norm): gdr replay \($0.recipe) \(flags)"
        } ?? "")
    case .unrepeatable(let name, let drift, let asked, let flags):
      "\(name) does not repeat its bits: other ones in \(drift.cases) of \(counted(asked, "case")) that it was asked again, of up to "
        + "\(percent(drift.share)) of the elements, within the bounds: gdr replay \(drift.recipe) \(flags)"
    case .farsighted(let name, let drift, let asked, let flags):
      "\(name) has other bits of y where other tokens follow, in \(drift.cases) of \(counted(asked, "case")), of up to "
        + "\(percent(drift.share)) of the elements, within the bounds: gdr replay \(drift.recipe) \(flags)"
    case .roundsResidual(let name, let drift, let asked, let flags):
      "\(name) rounds S k, or W S, before it subtracts it: what is written vanishes where the state nearly predicts v, in "
        + "\(drift.cases) of \(counted(asked, "case")) made so (residual: products declares that, residual: fp32 makes it a "
        + "finding): gdr replay \(drift.recipe) \(flags)"
    case .noted(let name, let note, let count):
      "\(name), in \(counted(count, "case")): \(note)"
    case .slowGenerator(let share): "drawing and rendering take \(percent(share)) of the time"
    }
  }
}
