import GatedDeltaRule
import Generator

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
  /// Nearly every case was refused, so that agreeing says little.
  case untested(String, share: Double)
  /// A result is left out in some cases and not in others: where it is missing it was not judged.
  case sometimesMissing(String, quantity: String, share: Double)
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
      "too rarely drawn: \(label), \(count) times, expected \(Report.number(expected))"
    case .untested(let name, let share):
      "\(name) refused \(percent(share)) of the cases: it was hardly tested"
    case .sometimesMissing(let name, let quantity, let share):
      "\(name) leaves out \(quantity) in \(percent(share)) of the cases that it answers, and not in the others"
    case .slowGenerator(let share): "drawing and rendering take \(percent(share)) of the time"
    }
  }
}

extension Campaign.Summary {
  /// The health checks that this run fails.
  package var healthProblems: [HealthProblem] {
    looseBounds + tightBounds + twins + uncovered + untested + gaps + slowness
  }

  private var tested: [Tally] { tallies.filter { !$0.isControl } }

  /// Cases before anything is said of a bound.
  private static let enough = 500

  private var looseBounds: [HealthProblem] {
    Quantity.allCases.compactMap { quantity in
      let all = tested.compactMap { $0.ratios[quantity.rawValue] }
      guard all.reduce(0, { $0 + $1.count }) >= Campaign.Summary.enough else { return nil }
      let worst = all.map(\.largest).max() ?? 0
      return worst >= 0.1 ? nil : .looseBound(quantity, worst: worst)
    }
  }

  /// One in a thousand is what corner cases may do, at a kink for one.
  private var tightBounds: [HealthProblem] {
    // What is degraded now and then crosses its bound by its own instability, not by rounding that was not foreseen.
    tested.filter { $0.degraded == 0 }.flatMap { tally in
      Quantity.allCases.compactMap { quantity -> HealthProblem? in
        guard let histogram = tally.ratios[quantity.rawValue], histogram.count >= 2 * Campaign.Summary.enough
        else { return nil }
        let share = Double(histogram.count(from: 0.7, upTo: 1)) / Double(histogram.count)
        return share <= 0.005 ? nil : .tightBound(tally.implementation, quantity, share: share)
      }
    }
  }

  private var twins: [HealthProblem] {
    ledger.resemblances.compactMap { pair in
      guard pair.compared >= 100 else { return nil }
      let share = Double(pair.same) / Double(pair.compared)
      return share <= 0.95 ? nil : .twins(pair.one, pair.other, share: share)
    }
  }

  private var uncovered: [HealthProblem] {
    coverage.missed(in: plan.profile).map {
      .uncovered(label: $0.label, count: $0.count, expected: $0.expected)
    }
  }

  /// At the smallest size some forms are never met in the shapes that they take.
  private var untested: [HealthProblem] {
    guard plan.profile.size != .small, cases >= Campaign.Summary.enough else { return [] }
    return tested.compactMap { tally in
      let share = Double(tally.refused) / Double(tally.refused + tally.evaluated)
      return share <= 0.99 ? nil : .untested(tally.implementation, share: share)
    }
  }

  private var gaps: [HealthProblem] {
    tested.flatMap { tally in
      tally.asked.sorted { $0.key < $1.key }.compactMap { quantity, asked -> HealthProblem? in
        let answered = tally.answered[quantity] ?? 0
        guard answered > 0, answered < asked else { return nil }
        let share = Double(asked - answered) / Double(asked)
        return .sometimesMissing(tally.implementation, quantity: quantity, share: share)
      }
    }
  }

  private var slowness: [HealthProblem] {
    guard cases >= Campaign.Summary.enough else { return [] }
    return generatorShare <= 0.3 ? [] : [.slowGenerator(share: generatorShare)]
  }
}
