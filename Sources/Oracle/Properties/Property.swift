import GatedDeltaRule

/// A theorem about the gated delta rule that an implementation must obey, checked by running it, with no reference.
///
/// Each is declared in an extension, with its theorem as the comment. Where the same bits are not promised,
/// both sides may differ by the error bounds of every run involved, taken through the relation; no constant is tuned.
package struct Property: Sendable {
  /// How many runs a check takes besides the answer to the problem itself.
  package enum Cost: String, Hashable, Sendable, CaseIterable {
    /// None.
    case free
    /// One, or the same one twice at once.
    case cheap
    /// Several.
    case dear
  }

  /// Unique and short.
  package let name: String
  /// How many runs a check takes.
  package let cost: Cost
  private let obstacle: @Sendable (Problem) -> String?
  private let law: @Sendable (PropertyRuns, inout PropertyTally) throws -> Void

  /// - Parameters:
  ///   - obstacle: why it says nothing about a problem, or nil.
  ///   - law: makes the runs and the comparisons.
  init(
    _ name: String, _ cost: Cost, unless obstacle: @escaping @Sendable (Problem) -> String? = { _ in nil },
    law: @escaping @Sendable (PropertyRuns, inout PropertyTally) throws -> Void
  ) {
    (self.name, self.cost, self.obstacle, self.law) = (name, cost, obstacle, law)
  }

  /// Whether it says anything about a problem. An implementation may still refuse the problem that it is turned into.
  package func applies(to problem: Problem) -> Bool { obstacle(problem) == nil }

  /// Checks it. A violation in the working arithmetic is checked in fp64 as well, where that is offered, to tell a
  /// wrong formula from an algorithm that amplifies rounding.
  package func check(_ runs: PropertyRuns) -> PropertyResult {
    if let reason = obstacle(runs.problem) { return .notApplicable(reason) }
    let tally: PropertyTally
    do {
      tally = try run(runs)
    } catch let inapplicable as Inapplicable {
      return .notApplicable(inapplicable.reason)
    } catch is Interrupted {
      return .interrupted
    } catch let breakdown as Breakdown where !breakdown.isRepeatable {
      return .brokeDown("\(breakdown)")
    } catch {
      return .failed("\(error)")
    }
    guard tally.count > 0 else { return .notApplicable("nothing to compare") }
    if let movement = tally.movement { runs.movements[name] = movement }
    guard let violation = tally.violation else { return .holds(ratio: tally.ratio) }
    if runs.isOverflow { return .notApplicable("the problem leaves the range of fp32") }
    guard let double = runs.inDouble, let single = try? run(runs, focus: violation.what),
      let beside = try? run(double, focus: violation.what),
      let graded = single.violation(beside: beside), let roundoffExponent = graded.roundoffExponent
    else { return .violated(violation) }
    let isTolerable =
      roundoffExponent > 0.5 && tally.excess <= CrossCheck.deployment
      && (areAlike(single, beside) || runs.decayUnderflows)
    return isTolerable ? .degraded(graded) : .violated(graded)
  }

  /// Whether fp64 is off by about as many roundings as fp32 is: one that is off by none amplifies nothing, and then fp32 is
  /// not fp32 throughout. Of a kernel's cast to 16 bits there are 2^15 and more; ten times ten are left to chance.
  private func areAlike(_ single: PropertyTally, _ double: PropertyTally) -> Bool {
    single.ratioInFocus <= Failure.margin * Failure.margin * max(1, double.ratioInFocus)
  }

  private func run(_ runs: PropertyRuns, focus: String? = nil) throws -> PropertyTally {
    runs.begin(name)
    var tally = PropertyTally(runs.problem.shape, focus: focus)
    try law(runs, &tally)
    return tally
  }
}
