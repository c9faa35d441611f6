import GatedDeltaRule
import Generator

/// What one implementation's verdicts come to over many cases.
package struct Tally: Sendable, Hashable, Codable {
  /// The worst error over its bound in one result, and the case.
  package struct Worst: Sendable, Hashable, Codable {
    /// Error over bound.
    package let ratio: Double
    /// The result.
    package let quantity: Quantity
    /// The case.
    package let recipe: Recipe
    /// The case's number in the run.
    package let index: Int
  }

  /// The worst error that a deployment tolerates, and the case.
  package struct Degradation: Sendable, Hashable, Codable {
    /// Relative to the result, in the Frobenius norm.
    package let error: Double
    /// The case.
    package let recipe: Recipe
    /// The case's number in the run.
    package let index: Int
  }

  /// Whose.
  package let implementation: String
  /// Whether it is known to fail.
  package let isControl: Bool
  /// Verdicts.
  package private(set) var agrees = 0, degraded = 0, disagrees = 0, failed = 0
  /// Refusals by their reasons; of very many reasons those that come first in the order of text.
  package private(set) var refusals: [String: Int] = [:]
  /// Refusals with other reasons.
  package private(set) var otherRefusals = 0
  /// The worst of the cases it agreed on.
  package private(set) var worst: Worst?
  /// The worst of those it was degraded on.
  package private(set) var worstDegraded: Degradation?
  /// How error over bound is distributed, by the wire names of the results; where a declared floor acts the bound
  /// allows for the jump of the gradient there, and nothing is counted; nor where no error is allowed.
  package private(set) var ratios: [String: Histogram] = [:]
  /// Answered cases that ask for a result, and those whose answer had it.
  package private(set) var asked: [String: Int] = [:], answered: [String: Int] = [:]
  /// Answered cases without a result that an honest answer may be without there; nil if there was none.
  package private(set) var excused: [String: Int]?
  /// What was noted beside verdicts, and in how many cases; nil if nothing was.
  package private(set) var notes: [String: Int]?
  /// Cases in which a result was within a bound too wide to say much, and no run in fp64 said more; nil if there were none.
  package private(set) var uninformative: [String: Int]?
  /// Cases that a property said something of, by its name.
  package private(set) var checked: [String: Int] = [:]
  /// Cases that violated it.
  package private(set) var violated: [String: Int] = [:]
  /// Cases in which elements moved that a property compared within bounds, by its name; nil if there were none.
  package private(set) var moved: [String: Drift]?

  /// How it stands under the plain law where it declares another; nil if it never does.
  package private(set) var plain: PlainTally?
  /// What no case shows by itself, of those that were compared with twins; nil if none was.
  package private(set) var evidence: RunEvidence?

  init(_ result: CaseResult) {
    (implementation, isControl) = (result.implementation, result.isControl)
  }

  /// Cases answered, or failed to answer.
  package var evaluated: Int { agrees + degraded + disagrees + failed }
  /// Cases refused.
  package var refused: Int { refusals.values.reduce(otherRefusals, +) }

  mutating func add(_ result: CaseResult, on recipe: Recipe, at index: Int) {
    if !result.judgement.ratios.isEmpty {
      for quantity in recipe.contract.quantities(at: recipe.level) {
        asked[quantity.rawValue, default: 0] += 1
      }
      for quantity in result.judgement.ratios.keys { answered[quantity.rawValue, default: 0] += 1 }
      for quantity in result.judgement.excused {
        excused = (excused ?? [:]).merging([quantity.rawValue: 1], uniquingKeysWith: +)
      }
    }
    for quantity in result.judgement.uninformative {
      uninformative = (uninformative ?? [:]).merging([quantity.rawValue: 1], uniquingKeysWith: +)
    }
    for quantity in Quantity.allCases
    where result.judgement.clampDeviation.isEmpty && !result.judgement.isExact {
      guard let ratio = result.judgement.ratios[quantity] else { continue }
      // Rounding a state between calls is all of its error: that says nothing of the bound.
      if quantity == .stateOut, recipe.contract.state != .fp32 { continue }
      ratios[quantity.rawValue, default: Histogram()].add(ratio)
    }
    for property in result.properties { checked[property, default: 0] += 1 }
    for (property, movement) in result.movements where movement.moved > 0 {
      let drift = Drift(cases: 1, share: movement.share, recipe: recipe, index: index)
      moved = (moved ?? [:]).merging([property: drift], uniquingKeysWith: +)
    }
    if let note = result.judgement.note { notes = (notes ?? [:]).merging([note: 1], uniquingKeysWith: +) }
    addPlain(result.judgement.plainRatio.map(PlainTally.init))
    if let more = result.evidence {
      evidence = evidence ?? RunEvidence()
      evidence?.add(more, at: index)
    }
    if let broken = result.brokenProperty {
      if broken.violation == nil {
        failed += 1
      } else {
        violated[broken.name, default: 0] += 1
        disagrees += 1
      }
      return
    }
    switch result.judgement.verdict {
    case .agrees:
      agrees += 1
      if let (quantity, ratio) = result.judgement.worst, !(ratio <= worst?.ratio ?? 0) {
        worst = Worst(ratio: ratio, quantity: quantity, recipe: recipe, index: index)
      }
    case .degraded(let disagreement):
      degraded += 1
      if !(disagreement.normError <= worstDegraded?.error ?? 0) {
        worstDegraded = Degradation(error: disagreement.normError, recipe: recipe, index: index)
      }
    case .disagrees, .memory: disagrees += 1
    case .failed: failed += 1
    case .refused(let reason): refuse(String(reason.prefix(200)), 1)
    }
  }

  private mutating func addPlain(_ more: PlainTally?) {
    guard let more else { return }
    plain = plain.map { $0 + more } ?? more
  }

  /// A worker may give another reason for every case: memory must stay flat. Which reasons are kept depends on the
  /// reasons alone, so that the tallies of shards add up to that of the whole run.
  private mutating func refuse(_ reason: String, _ count: Int) {
    refusals[reason, default: 0] += count
    guard refusals.count > Tally.reasons, let last = refusals.keys.max() else { return }
    otherRefusals += refusals.removeValue(forKey: last) ?? 0
  }

  private static let reasons = 64

  /// In how many of the cases that had a result its bound said little, by the result, in the order of the results.
  package var uninformativeShares: [(quantity: Quantity, count: Int, of: Int)] {
    Quantity.allCases.compactMap { quantity in
      uninformative?[quantity.rawValue].map { (quantity, $0, answered[quantity.rawValue] ?? 0) }
    }
  }

  /// The same with the number of its refusals in place of their reasons.
  var withoutWords: Tally {
    var tally = self
    (tally.refusals, tally.otherRefusals) = ([:], refused)
    tally.notes = notes.map { ["": $0.values.reduce(0, +)] }
    return tally
  }
}

extension Tally {
  /// Adds what it came to in another shard. The worst of two equals is the one that the whole run meets first.
  mutating func add(_ other: Tally) {
    agrees += other.agrees
    degraded += other.degraded
    disagrees += other.disagrees
    failed += other.failed
    for (reason, count) in other.refusals { refuse(reason, count) }
    otherRefusals += other.otherRefusals
    worst = [worst, other.worst].compactMap(\.self).min {
      $0.ratio == $1.ratio ? $0.index < $1.index : !($0.ratio <= $1.ratio)
    }
    worstDegraded = [worstDegraded, other.worstDegraded].compactMap(\.self).min {
      $0.error == $1.error ? $0.index < $1.index : !($0.error <= $1.error)
    }
    for (quantity, histogram) in other.ratios { ratios[quantity, default: Histogram()].add(histogram) }
    asked.merge(other.asked, uniquingKeysWith: +)
    answered.merge(other.answered, uniquingKeysWith: +)
    if let more = other.notes { notes = (notes ?? [:]).merging(more, uniquingKeysWith: +) }
    if let more = other.uninformative {
      uninformative = (uninformative ?? [:]).merging(more, uniquingKeysWith: +)
    }
    if let more = other.excused { excused = (excused ?? [:]).merging(more, uniquingKeysWith: +) }
    addPlain(other.plain)
    if let more = other.evidence {
      evidence = evidence ?? RunEvidence()
      evidence?.add(more)
    }
    checked.merge(other.checked, uniquingKeysWith: +)
    if let more = other.moved { moved = (moved ?? [:]).merging(more, uniquingKeysWith: +) }
    violated.merge(other.violated, uniquingKeysWith: +)
  }

  /// Whether it can be what so many cases come to: no sum of its counts is more.
  func isSound(of cases: Int) -> Bool {
    let verdicts = [agrees, degraded, disagrees, failed, otherRefusals] + refusals.values
    let parts = [checked, asked, answered, excused ?? [:], notes ?? [:], uninformative ?? [:]].flatMap(
      \.values)
    return (verdicts + violated.values + parts).allSatisfy { $0.isCount(of: cases) }
      && (moved ?? [:]).values.allSatisfy { $0.isSound(of: cases) } && (moved ?? [:]).count <= 1000
      && (plain?.isSound(of: cases) ?? true)
      && (evidence?.isSound(of: cases) ?? true) && refusals.count <= Tally.reasons
      && verdicts.reduce(0, +) <= cases
      && violated.count <= 1000 && (notes ?? [:]).count <= 1000 && violated.values.reduce(0, +) <= cases
      && ratios.values.allSatisfy { $0.isSound(of: cases) }
  }
}

extension Quantity: Codable {}
