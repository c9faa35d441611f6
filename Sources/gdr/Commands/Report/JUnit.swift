import Foundation
import GatedDeltaRule
import Machine
import Oracle

/// A run as JUnit XML: a case for every file of the corpus, for every implementation one for the comparison with the
/// reference and one for every property, and those that say whether the run is to be believed.
enum JUnit {
  fileprivate struct Case {
    enum End {
      case passed
      case failed(String)
      case skipped(String)
    }

    let suite: String
    let name: String
    let end: End
  }

  static func text(_ night: Nights.Night) -> String {
    let suites = [
      ("corpus", night.total.corpus.map(testCase)),
      ("reference", night.ledger.tallies.map { comparison($0, night) }),
      ("properties", night.ledger.tallies.filter { !$0.isControl }.flatMap { properties($0, night) }),
      ("health", health(night)),
    ].filter { !$0.1.isEmpty }
    let all = suites.flatMap(\.1)
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + element(
        "testsuites",
        [
          "name": "gdr", "tests": "\(all.count)", "failures": "\(all.count(where: \.isFailed))",
          "skipped": "\(all.count(where: \.isSkipped))", "time": String(format: "%.3f", night.seconds),
        ], "\n" + suites.map { suite($0, $1, night) }.joined()) + "\n"
  }

  private static func suite(_ name: String, _ cases: [Case], _ night: Nights.Night) -> String {
    element(
      "testsuite",
      [
        "name": name, "tests": "\(cases.count)", "failures": "\(cases.count(where: \.isFailed))",
        "errors": "0", "skipped": "\(cases.count(where: \.isSkipped))",
        "timestamp": night.started.formatted(
          .iso8601.year().month().day().time(includingFractionalSeconds: false)),
      ], "\n" + cases.map(text).joined()) + "\n"
  }

  private static func text(_ one: Case) -> String {
    let content: String? =
      switch one.end {
      case .passed: nil
      case .failed(let reason):
        element("failure", ["message": String(reason.prefix { $0 != "\n" })], escaped(reason))
      case .skipped(let reason): element("skipped", ["message": reason])
      }
    return "  " + element("testcase", ["classname": one.suite, "name": one.name], content) + "\n"
  }

  private static func testCase(_ replay: Replay) -> Case {
    let end: Case.End =
      switch replay.outcome {
      case .same: .passed
      case .notEvaluated: .skipped(replay.detail)
      case .changed, .unreadable: .failed(replay.detail)
      }
    return Case(suite: "corpus", name: replay.file, end: end)
  }

  /// Whether an implementation computes what the reference computes; of a control, whether it was caught.
  private static func comparison(_ tally: Tally, _ night: Nights.Night) -> Case {
    if tally.isControl {
      let end: Case.End = night.escaped.contains(tally.implementation) ? .failed("was not caught") : .passed
      return Case(suite: tally.implementation, name: "a control is caught", end: end)
    }
    let failures = findings(in: tally, night) { Property.named($0) == nil }
    let wrong = tally.disagrees + tally.failed - tally.violated.values.reduce(0, +)
    let end: Case.End =
      wrong > 0 || !failures.isEmpty
      ? .failed("\(wrong) of \(counted(tally.evaluated, "case"))\n" + failures.joined(separator: "\n"))
      : tally.evaluated == 0 ? .skipped("refused all of \(counted(tally.refused, "case"))") : .passed
    return Case(suite: tally.implementation, name: "agrees with the reference", end: end)
  }

  private static func properties(_ tally: Tally, _ night: Nights.Night) -> [Case] {
    Property.all.map { property in
      let (checked, violated) = (tally.checked[property.name] ?? 0, tally.violated[property.name] ?? 0)
      let failures = findings(in: tally, night) { $0 == property.name }
      let end: Case.End =
        violated > 0
        ? .failed(
          "violated in \(violated) of \(counted(checked, "case"))\n" + failures.joined(separator: "\n"))
        : checked == 0 ? .skipped("no case of this run was one for it") : .passed
      return Case(suite: tally.implementation, name: property.name, end: end)
    }
  }

  private static func health(_ night: Nights.Night) -> [Case] {
    let problems = night.healthProblems.map(\.description)
    let missing = night.record.missingText.map { "\($0) missing" }
    return [
      ("the run is to be believed", problems.isEmpty ? nil : problems.joined(separator: "\n")),
      ("every shard is there", missing), ("something was evaluated", night.refusedByAll),
    ].map { name, fault in Case(suite: "health", name: name, end: fault.map { .failed($0) } ?? .passed) }
  }

  private static func findings(
    in tally: Tally, _ night: Nights.Night, where isOfKind: (String) -> Bool
  ) -> [String] {
    night.findings.filter {
      $0.finding.implementation == tally.implementation && isOfKind($0.shrunk.failure.kind)
    }.flatMap(Report.details)
  }
}

extension JUnit.Case {
  fileprivate var isFailed: Bool { if case .failed = end { true } else { false } }
  fileprivate var isSkipped: Bool { if case .skipped = end { true } else { false } }
}
