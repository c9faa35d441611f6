import Foundation
import GatedDeltaRule
import Generator

/// What `expectAgreement` throws: the report, findings with the lines that replay them.
public struct Disagreements: Error, Sendable, CustomStringConvertible {
  /// As it is printed.
  public let description: String
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
    save: { try corpus?.save($0.finding, on: .found) }, report: { _ in }, isInterrupted: { false })
  let lines = changed.map { "\($0.file): \($0.detail)" } + Report.lines(summary)
  let report = lines.joined(separator: "\n")
  guard changed.isEmpty, summary.findings.isEmpty else { throw Disagreements(description: report) }
  return report
}
