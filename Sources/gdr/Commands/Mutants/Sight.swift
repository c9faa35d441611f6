import GatedDeltaRule
import Generator
import Machine
import Mutants
import Oracle

/// Which tests see one mutant on each of some cases, every test asked on its own, and what each costs.
struct Sight {
  /// The tests that are drawn, and in one of how many cases: the run in fp64, and every property.
  static let tests =
    [(name: "fp64", share: DoubleRuns.share)]
    + Property.all.map { (name: $0.name, share: PropertySelection.share(of: $0)) }
  /// Seen so often, or on so many cases, a mutant is known well enough.
  private static let (hits, limit) = (30, 1500)
  /// Other cases than those that `gdr mutants` begins with.
  private static let seed: UInt64 = 1001

  /// Cases on which nothing that is drawn is needed to see it.
  private var seenAnyway = 0
  /// Of the others, what sees it: one bit a test.
  private var seen: [UInt64] = []
  /// Processor seconds of all cases without what is drawn, and of each test.
  private var base = 0.0
  private var cost = [Double](repeating: 0, count: Sight.tests.count)

  /// Cases that were looked at.
  private var cases: Int { seenAnyway + seen.count }
  /// Of them, those on which some test sees the mutant.
  private var hits: Int { seenAnyway + seen.count { $0 != 0 } }

  init(of mutant: Mutant) throws {
    let implementation = mutant.implementation()
    while cases < Sight.limit, hits < Sight.hits {
      let recipe = Recipe.draw(seed: Sight.seed, index: UInt64(cases), profile: .showing(mutant.needs))
      try look(at: recipe, implementation)
    }
  }

  /// Processor seconds of a case, where each test is drawn in such a part of the cases.
  func seconds(drawing shares: [Double]) -> Double {
    zip(cost, shares).reduce(base) { $0 + $1.0 * $1.1 } / Double(max(1, cases))
  }

  /// The same until the mutant is caught; nil where nothing sees it.
  func secondsUntilCaught(drawing shares: [Double]) -> Double? {
    let caught = seen.reduce(Double(seenAnyway)) { sum, seen in
      let missed = shares.indices.reduce(1.0) { seen >> UInt64($1) & 1 == 1 ? $0 * (1 - shares[$1]) : $0 }
      return sum + 1 - missed
    }
    return caught > 0 ? seconds(drawing: shares) * Double(cases) / caught : nil
  }

  private mutating func look(at recipe: Recipe, _ implementation: any Implementation) throws {
    var clock = Lap()
    let check = try CrossCheck(recipe)
    let first = check.judge(implementation, properties: .none, doubles: .needed)
    base += clock.lap()
    guard first.failure == nil else {
      seenAnyway += 1
      return
    }
    var seen: UInt64 = 0
    if first.judgement.leavesDoubleOut {
      _ = check.judge(implementation, properties: .none, doubles: .needed)
      let again = clock.lap()
      let result = check.judge(implementation, properties: .none, doubles: .always)
      cost[0] += max(0, clock.lap() - again)
      if result.failure != nil { seen |= 1 }
    }
    if let evaluation = first.evaluation, case .agrees = first.judgement.verdict {
      seen |= hold(check, implementation, evaluation)
    }
    self.seen.append(seen)
  }

  private mutating func hold(
    _ check: CrossCheck, _ implementation: any Implementation, _ evaluation: Evaluation
  ) -> UInt64 {
    var seen: UInt64 = 0
    let runs = PropertyRuns(
      implementation, on: check.problem,
      exactness: Exactness(implementation.declaration(for: check.problem)), seed: check.seed, check: check,
      evaluation: evaluation)
    for (place, property) in Property.all.enumerated() {
      var clock = Lap()
      let result = property.check(runs)
      cost[place + 1] += clock.lap()
      switch result {
      case .violated, .failed: seen |= 1 << UInt64(place + 1)
      default: break
      }
    }
    return seen
  }
}

/// Processor seconds of this thread since it was asked last.
private struct Lap {
  private var last = ProcessorTime.ofThread

  mutating func lap() -> Double {
    let now = ProcessorTime.ofThread
    defer { last = now }
    return (now - last) / .seconds(1)
  }
}
