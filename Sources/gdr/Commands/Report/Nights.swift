import Foundation
import Oracle

/// The runs that several files tell of, the oldest first: the shards of one run together.
struct Nights {
  /// One run.
  struct Night {
    let record: Record
    let total: Record.Total
    /// When its first shard started.
    let started: Date
    /// Where its corpus lies; nil for where the run had it.
    let corpus: String?
  }

  let nights: [Night]
  /// The one that is reported; the others are its history.
  let latest: Night

  /// What could not be read: a record of another version, say, among those of the nights before.
  let unreadable: [BadFile]

  /// Files with the same plan are parts of one run, unless a shard of it was begun more than once: then they are runs
  /// with the same cases, as those of every push are.
  ///
  /// - Parameter corpus: where the saved cases lie; nil for where each run had them.
  /// - Throws: the first `BadFile` if no file can be read.
  init(_ paths: [String], corpus: String? = nil) throws {
    guard !paths.isEmpty else { throw UsageError.missingOperand("RUN.json") }
    var records: [Record] = []
    var unreadable: [BadFile] = []
    for path in paths {
      let record: Record
      do throws(BadFile) {
        record = try RecordFile.read(path)
      } catch {
        unreadable.append(error)
        continue
      }
      records.append(record)
    }
    if records.isEmpty { throw unreadable[0] }
    self.unreadable = unreadable
    nights = try Nights.runs(records).map { Night($0, corpus: corpus) }.sorted { $0.started < $1.started }
    latest = nights[nights.count - 1]
  }

  /// One run alone.
  init(_ record: Record) {
    latest = Night(record, corpus: nil)
    (nights, unreadable) = ([latest], [])
  }

  /// The shards of each run together. The shards of one run begin before those of the next.
  private static func runs(_ records: [Record]) throws -> [Record] {
    var runs: [Record] = []
    for record in records.sorted(by: { $0.started < $1.started }) {
      if let index = runs.firstIndex(where: { $0.plan == record.plan && !$0.repeats(record) }) {
        runs[index] = try runs[index].union(record)
      } else {
        runs.append(record)
      }
    }
    return runs
  }
}

extension Record {
  /// When its first shard started, in seconds from 1970.
  fileprivate var started: Double { parts.map(\.clock.started).min() ?? 0 }

  /// Whether both have a shard that was begun at different times.
  fileprivate func repeats(_ other: Record) -> Bool {
    parts.contains { part in
      other.parts.contains { $0.shard == part.shard && $0.clock.started != part.clock.started }
    }
  }
}

extension Nights.Night {
  init(_ record: Record, corpus: String?) {
    self.init(
      record: record, total: record.total, started: Date(timeIntervalSince1970: record.started),
      corpus: corpus)
  }

  /// Seconds of all shards together.
  var seconds: Double { record.parts.reduce(0) { $0 + $1.clock.elapsed } }

  var ledger: Campaign.Ledger { total.ledger }

  /// What was found, the evidence of the whole run included.
  var findings: [Campaign.Found] { summary.findings }

  /// What the comparison with twins comes to, in lines.
  var evidence: [String] {
    Report.evidence(summary).filter { !$0.isEmpty }.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// Controls that were not caught.
  var escaped: [String] { summary.escaped }

  /// Why the run should not be believed.
  var healthProblems: [HealthProblem] { summary.healthProblems }

  /// Who refused every case, if that is all there was.
  var refusedByAll: String? { summary.refusedByAll }

  private var summary: Campaign.Summary {
    Campaign.Summary(plan: total.plan, ledger: ledger, elapsed: .seconds(seconds))
  }

  /// `2026-11-26`, in Greenwich.
  var day: String { started.formatted(.iso8601.year().month().day()) }

  /// `2026-11-26 04:31:05 UTC`.
  var time: String { Provenance.time(started.timeIntervalSince1970) }

  /// What ran its parts, each once; none in records of programs that did not write it.
  var provenances: [Provenance] {
    record.parts.compactMap(\.provenance).reduce(into: []) { all, one in
      let isKnown = all.contains {
        ($0.program, $0.command, $0.machine) == (one.program, one.command, one.machine)
      }
      if !isKnown { all.append(one) }
    }
  }

  /// The file of a finding.
  func file(of found: Campaign.Found) -> String {
    let name = found.finding.fileName
    let folder = folder { $0.ledger.reduced.contains { $0.finding.fileName == name } }
    return "\(folder)/\(Corpus.Shelf.found.rawValue)/\(name)"
  }

  /// The file of a saved case.
  func file(of replay: Replay) -> String {
    folder { $0.corpus.contains { $0.file == replay.file } } + "/" + replay.file
  }

  /// The corpus of the first part that has what is asked for, of any part where none says where its own lies.
  func folder(where has: (Record.Part) -> Bool = { _ in true }) -> String {
    if let corpus { return corpus }
    let told = record.parts.filter { $0.folder != nil }
    return (told.first(where: has) ?? told.first)?.folder ?? "Corpus"
  }

  /// Saved cases that did not end as recorded.
  var changed: [Replay] { total.corpus.filter { $0.outcome == .changed || $0.outcome == .unreadable } }
}
