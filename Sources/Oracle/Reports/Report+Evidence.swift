import Foundation
import GatedDeltaRule
import Machine

extension Report {
  /// What a systematic error looks like, in a clause.
  static func sentence(_ quantity: Quantity, _ found: Double, _ systematic: Disagreement.Systematic) -> String
  {
    guard let key = systematic.direction, let direction = Direction(key: key) else {
      return "the errors of \(quantity.rawValue) are too large for what is declared: more than "
        + "\(number(ResultEvidence.largestSpread)) times those of all twins in \(systematic.larger ?? 0) of "
        + counted(systematic.cases, "case")
    }
    return phrase(quantity, direction, factor: found)
  }

  /// How sure that is.
  static func weight(_ systematic: Disagreement.Systematic) -> String {
    guard let logarithm = systematic.logarithm else {
      return
        "in this case alone, against \(TwinRuns.fresh) honest evaluations with their roundings placed at random"
    }
    return "\(counted(systematic.cases, "case")) together, odds of "
      + "1e\(Int(logarithm / log(10))) against an honest kernel of what is declared"
  }

  /// What is convicted, in a sentence.
  package static func sentence(_ conviction: Conviction) -> String {
    let systematic = conviction.systematic
    return sentence(conviction.quantity, conviction.factor, systematic) + " (\(weight(systematic)))"
  }

  private static func phrase(_ quantity: Quantity, _ direction: Direction, factor: Double) -> String {
    let times = "\(gain(factor)) times what it should be"
    func part(_ which: String) -> String { "\(quantity.rawValue) is \(times) in \(which)" }
    let period = Direction.period
    switch direction {
    case .whole: return "\(quantity.rawValue) is \(times)"
    case .head(let head): return part("heads \(head) mod \(period)")
    case .token(let token): return part("tokens \(token) mod \(period)")
    case .firstOfChunk: return part("the first token of every chunk")
    case .lastOfChunk: return part("the last token of every chunk")
    case .firstHalf: return part("the first half of the tokens")
    case .secondHalf: return part("the second half of the tokens")
    case .lowerChannels: return part("the first half of the channels")
    case .upperChannels: return part("the second half of the channels")
    case .gain(let input):
      return "\(quantity.rawValue) is as if \(name(input)) were \(gain(factor)) of what it is"
    }
  }

  private static func name(_ input: Input) -> String {
    input == .stateIn ? "the initial state" : input.rawValue
  }

  /// A factor near 1 with two digits of what it is off by.
  private static func gain(_ factor: Double) -> String {
    let off = (factor - 1).magnitude
    guard off.isFinite, off > 0 else { return number(factor) }
    let digits = min(12, max(2, 1 - Int(log10(off).rounded(.down))))
    return String(format: "%.\(digits)f", factor)
  }

  /// What the evidence of a run comes to: how many cases were compared with twins, what was not, and the chance that this
  /// convicts what is honest.
  package static func evidence(_ summary: Campaign.Summary) -> [String] {
    let tallies = summary.tallies.filter { !$0.isControl && $0.evidence != nil }
    guard !tallies.isEmpty else { return [] }
    let lines = tallies.compactMap { tally in
      tally.evidence.map { "  \(tally.implementation): \(sentence($0, among: summary.plan.underTest))" }
    }
    let hypotheses = Conviction.hypotheses * max(1, summary.plan.underTest)
    return ["", "compared with honest evaluations whose roundings are placed at random (twins):"] + lines + [
      "  chance of convicting an honest kernel: \(number(Conviction.errorRate)) a run, split over \(hypotheses) "
        + "hypotheses"
    ]
  }

  private static func sentence(_ evidence: RunEvidence, among implementations: Int) -> String {
    let convictions = evidence.convictions(among: implementations)
    let left = [
      evidence.tooLarge > 0 ? "\(evidence.tooLarge) too large for it" : nil,
      evidence.silent > 0 ? "\(evidence.silent) in which twins say nothing" : nil,
    ].compactMap(\.self)
    return counted(evidence.cases, "case")
      + (left.isEmpty ? "" : " (and \(left.joined(separator: ", ")))") + "; "
      + (convictions.isEmpty
        ? "no systematic error of many cases together"
        : "convicted: " + convictions.map(sentence).joined(separator: "; "))
  }
}
