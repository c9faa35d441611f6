import Foundation
import GatedDeltaRule

/// What a sample of cases says of faults over runs.
package struct RunPower: Sendable {
  private let cases: [CasePower]

  /// - Parameter cases: as a run draws them.
  package init(_ cases: [CasePower]) { self.cases = cases }

  /// Cases of the sample.
  package var count: Int { cases.count }
  /// Those of them in which nothing has to be rounded.
  package var exact: Int { cases.count(where: \.isExact) }
  /// Those of them that twins were asked about.
  package var withTwins: Int { cases.count(where: \.hasTwins) }

  /// The results that some case has.
  package var quantities: [Quantity] {
    Quantity.allCases.filter { quantity in cases.contains { $0.entries[.init(quantity, .all)] != nil } }
  }

  /// What half of the cases that have the result find by themselves; nil where none has it.
  ///
  /// - Parameter exactly: those cases alone in which nothing has to be rounded, or must be.
  package func inOneCase(_ subject: CasePower.Subject, exactly: Bool) -> Sensitivity? {
    let found = cases.filter { $0.isExact == exactly }.compactMap { $0.entries[subject]?.sensitivity }
      .sorted { $0.fault < $1.fault }
    return found.isEmpty ? nil : found[found.count / 2]
  }

  /// What a run of so many cases that have the result finds in every second attempt.
  ///
  /// Either one of its cases finds it by itself: with a chance p in a case one of N does with 1 - (1 - p)^N, and the
  /// fault is the one that so large a part p of the sample finds; where the sample has fewer cases than that takes, the
  /// least that one of it finds, which is no less than the truth. Or the evidence convicts: that of the sample times N
  /// over its cases, an extrapolation. It is that of the sample's honest errors with either sign: else what points
  /// somewhere by chance in few cases would do so in many.
  package func inRun(of count: Int, _ subject: CasePower.Subject) -> Sensitivity? {
    let entries = cases.compactMap { $0.entries[subject] }
    guard !entries.isEmpty else { return nil }
    let alone = entries.map(\.sensitivity).sorted { $0.fault < $1.fault }
    let share = 1 - pow(0.5, 1 / Double(count))
    let one = alone[min(alone.count - 1, max(0, Int((share * Double(alone.count)).rounded(.up)) - 1))]
    let trends = entries.compactMap(\.trend)
    guard !trends.isEmpty else { return one }
    let threshold = RunEvidence.threshold(among: 1)
    func isConvicted(_ fault: Double, times factor: Double) -> Bool {
      let evidence = trends.flatMap { [$0.evidence(fault), $0.evidence(fault, isTurned: true)] }
      return RunPower.logarithm(of: evidence, times: factor / 2) >= threshold
    }
    // Where honest errors of the sample alone come to as much it is too small to say. A run finds what a part of it finds.
    var factor = Double(count) / Double(entries.count)
    while isConvicted(0, times: factor) { factor /= 2 }
    let together = Sensitivity.smallest { isConvicted($0, times: factor) }
    guard together.isFinite else { return one }
    return .smaller(one, Sensitivity(fault: together, yardstick: .twins))
  }

  /// The logarithm of the largest evidence that so many times these cases come to.
  private static func logarithm(of cases: [ResultEvidence], times factor: Double) -> Double {
    var directions = [DirectionSums?](repeating: nil, count: Direction.all.count)
    var spread = SpreadSums()
    for one in cases {
      spread.add(SpreadSums(one.spread))
      for score in one.scores {
        let sums = DirectionSums(score, bias: one.bias, index: 0)
        if directions[score.ordinal]?.add(sums) == nil { directions[score.ordinal] = sums }
      }
    }
    return directions.compactMap(\.self).reduce(spread.logarithm(times: factor)) { best, sums in
      max(
        best, sums.logarithm(ofExcess: true, times: factor), sums.logarithm(ofExcess: false, times: factor))
    }
  }
}
