import GatedDeltaRule
import Generator
import Machine

/// What becomes of a case: it is counted, and its failures are reduced to findings.
extension Campaign {
  /// Of the time that is left when it begins, what a reduction may take: how the failure came about is looked for in the rest.
  private static let reducing = 0.75

  /// Takes a case into account.
  func consider(
    _ one: EvaluatedCase, index: Int, _ ledger: inout Ledger, save: (inout Found) throws -> Void,
    unless isOver: () -> Bool
  ) throws {
    if ledger.tallies.isEmpty {
      ledger.tallies = one.results.map(Tally.init)
      ledger.resemblances = Resemblance.pairs(plan.implementations)
    }
    ledger.cases += 1
    ledger.compare(one.results)
    ledger.coverage.count(one.recipe)
    for (position, result) in one.results.enumerated() {
      ledger.tallies[position].add(result, on: one.recipe, at: index)
      guard let failure = result.failure, count(failure, result, &ledger) else { continue }
      let isCaught = ledger.caught.contains { $0.finding.implementation == failure.implementation }
      if result.isControl && isCaught { continue }
      guard
        var found = try reduce(
          result, failure, on: one.recipe, index: index, implementations[position], &ledger,
          unless: isOver)
      else { continue }
      if ledger.twin(of: found) == nil { try save(&found) }
      ledger.keep(found)
    }
  }

  /// Counts a failure, and says whether it is among the first of its signature, which are reduced: one of an answer
  /// that is none, since what is wrong with it is not in the case.
  private func count(_ failure: Failure, _ result: CaseResult, _ ledger: inout Ledger) -> Bool {
    ledger.failures[failure.signature, default: 0] += 1
    let isSingle = result.isControl || !failure.isRepeatable || failure.kind == Failure.noAnswer
    let limit = isSingle ? 1 : plan.shrunkPerSignature
    return ledger.failures[failure.signature, default: 0] <= limit
  }

  /// The failure reduced, or as it was met where the case alone does not bring it about; nil if it then is one too many
  /// of its signature.
  private func reduce(
    _ result: CaseResult, _ failure: Failure, on recipe: Recipe, index: Int,
    _ implementation: any Implementation, _ ledger: inout Ledger, unless isOver: () -> Bool
  ) throws -> Found? {
    var failure = failure
    let shrinker = failure.kind == Failure.systematic ? Shrinker(askingTwinsOf: recipe) : Shrinker()
    if failure.isRepeatable {
      let repetition = repeated(failure, recipe, implementation)
      if case .shown(let again, let pattern, let underlying) = repetition {
        let enough = deadline.map { .now + $0.left * Campaign.reducing } as ContinuousClock.Instant?
        let (shrunk, simplest) = shrinker.shrink(
          recipe, again, of: implementation, in: plan.profile, underlying: underlying, until: deadline
        ) { isOver() || enough.map { $0 <= .now } ?? false }
        var found = try Found(simplest, shrunk, index: index, origin: recipe, signature: failure.signature)
        found.pattern = pattern
        found.explanation =
          (pattern.map { Report.lines($0, named: "as met at \(recipe.sizesText)") } ?? [])
          + met(again, as: shrunk.failure, on: recipe, withPattern: pattern != nil)
        return found
      }
      // Nobody waited for the answer, or it is not asked any more.
      if isOver() || repetition.isRefused {
        return try unreduced(result, failure, index: index, origin: recipe)
      }
      failure.isRepeatable = false
      guard count(failure, result, &ledger) else { return nil }
      return try unreduced(result.ofEarlierCases(), failure, index: index, origin: recipe)
    }
    // Asking again would not show it.
    return try unreduced(result, failure, index: index, origin: recipe)
  }

  /// On which case it was met, where that shows more than the reduced one; and how it failed there, where that is another
  /// way.
  private func met(
    _ result: CaseResult, as reduced: Failure, on recipe: Recipe, withPattern hasPattern: Bool
  ) -> [String] {
    let kind = result.failure.flatMap { $0.kind == reduced.kind ? nil : $0.kind }
    guard hasPattern || kind != nil else { return [] }
    return ["met on \(recipe.text)" + (kind.map { ", where the failure is: \($0)" } ?? "")]
  }

  private func unreduced(
    _ result: CaseResult, _ failure: Failure, index: Int, origin: Recipe
  ) throws -> Found {
    let shrunk = Shrinker.Result(recipe: origin, failure: failure, evaluations: 0, isMinimal: false)
    return try Found(result, shrunk, index: index, origin: origin, signature: failure.signature)
  }

  /// What comes of a case that is asked once more.
  private enum Repetition {
    /// The failure again; with it which elements are off, and what a violated property comes of.
    case shown(CaseResult, ErrorPattern?, underlying: Failure?)
    /// Another answer, or none: the first may have been that of an earlier case.
    case gone
    /// It is refused now, as by what has lost too many processes.
    case refused

    var isRefused: Bool { if case .refused = self { true } else { false } }
  }

  /// The case once more: whether it alone brings the failure about.
  private func repeated(
    _ failure: Failure, _ recipe: Recipe, _ implementation: any Implementation
  ) -> Repetition {
    let answer = outcome(by: deadline) { () -> (CaseResult, ErrorPattern?, Failure?)? in
      implementation.startAfresh()
      guard let check = try? CrossCheck(recipe) else { return nil }
      let result = check.judge(implementation, properties: .like(failure))
      return (
        result.withoutTensors(), ErrorPattern(result, of: implementation, on: check),
        result.underlying(of: implementation, on: check)
      )
    }
    guard let (result, pattern, underlying) = answer ?? nil else { return .gone }
    if case .refused = result.judgement.verdict { return .refused }
    let isShown = result.failure.map(failure.isShown) == true
    return isShown ? .shown(result, pattern, underlying: underlying) : .gone
  }
}

extension Campaign.Found {
  /// A failure reduced so far, from what the reduced case came to.
  fileprivate init(
    _ result: CaseResult, _ shrunk: Shrinker.Result, index: Int, origin: Recipe, signature: String
  ) throws {
    var finding = try Finding(shrunk.recipe, result, why: Report.why(result))
    finding.role = result.isControl ? .control : nil
    self.init(
      finding: finding, index: index, origin: origin, signature: signature, shrunk: shrunk,
      sentence: Report.sentence(result), isControl: result.isControl)
  }
}
