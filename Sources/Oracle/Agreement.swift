import Foundation
import GatedDeltaRule
import Generator

/// What `expectAgreement` throws: the report, findings with the lines that replay them.
public struct Disagreements: Error, Sendable, CustomStringConvertible {
  /// As it is printed.
  public let description: String
}

/// Tests an implementation on one case, such as one that was found: the line that a finding prints.
///
/// - Returns: the verdict, in a sentence.
/// - Throws: `Disagreements`, with what is known of the cause; `RecipeError` for a line that is no recipe.
@discardableResult
public func expectAgreement(of implementation: some Implementation, recipe: String) throws -> String {
  let recipe = try Recipe(recipe)
  let result = try CrossCheck(recipe).judge(implementation, properties: .affordable(for: recipe))
  let sentence = "\(implementation.name) \(Report.sentence(result))"
  if case .refused = result.judgement.verdict { throw Disagreements(description: sentence) }
  guard let failure = result.failure else { return sentence }
  let explanation = try Explanation(recipe, implementation, of: failure)
  let lines = explanation.map { Report.lines($0, implementation: implementation) } ?? [sentence]
  throw Disagreements(description: lines.joined(separator: "\n"))
}

/// Tests an implementation on drawn cases, for tests of other packages:
///
///     @Test func `my kernel computes the gated delta rule`() throws {
///       try expectAgreement(of: MyKernel(), cases: 500, corpus: "Corpus")
///     }
///
/// - Parameters:
///   - seed: from which the cases are drawn; the same seed, the same cases.
///   - corpus: a folder whose saved cases about this implementation must end as recorded, and where findings go.
/// - Returns: the report.
/// - Throws: `Disagreements`.
@discardableResult
public func expectAgreement(
  of implementation: some Implementation, cases: Int = 500, seed: UInt64 = 0, profile: Profile = .small,
  corpus path: String? = nil
) throws -> String {
  let corpus = path.map { Corpus(path: $0) }
  let replays = corpus?.replay { $0.implementation == implementation.name ? implementation : nil } ?? []
  let changed = replays.filter {
    $0.outcome == .changed || $0.outcome == .unreadable
  }
  var plan = Campaign.Plan(implementations: [implementation], seed: seed)
  (plan.cases, plan.profile) = (cases, profile)
  if profile.exactShare == Profile.usualExactShare {
    plan.profile.exactShare = profile.exactShare(against: [implementation])
  }
  if profile.sessionShare == Profile.usualSessionShare {
    plan.profile.sessionShare = profile.sessionShare(against: [implementation])
  }
  plan.jobs = ProcessInfo.processInfo.activeProcessorCount
  let summary = try Campaign(plan).run(
    save: { found in
      found.replay = "try expectAgreement(of: \(implementation.name), recipe: \"\(found.finding.recipe)\")"
      try corpus?.save(found.finding, on: .found)
    }, report: { _ in }, isInterrupted: { false })
  let lines = changed.map { "\($0.file): \($0.detail)" } + Report.lines(summary)
  let report = lines.joined(separator: "\n")
  guard changed.isEmpty, summary.findings.isEmpty else { throw Disagreements(description: report) }
  return report
}
