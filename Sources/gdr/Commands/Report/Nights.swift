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
  }

  let nights: [Night]
  /// The one that is reported; the others are its history.
  let latest: Night

  /// What could not be read: a record of another version, say, among those of the nights before.
  let unreadable: [BadFile]

  /// Files with the same plan are parts of one run.
  ///
  /// - Throws: the first `BadFile` if no file can be read.
  init(_ paths: [String]) throws {
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
      if let index = records.firstIndex(where: { $0.plan == record.plan }) {
        records[index] = try records[index].union(record)
      } else {
        records.append(record)
      }
    }
    if records.isEmpty { throw unreadable[0] }
    self.unreadable = unreadable
    nights = records.map(Night.init).sorted { $0.started < $1.started }
    latest = nights[nights.count - 1]
  }
}

extension Nights.Night {
  init(_ record: Record) {
    let started = record.parts.map(\.clock.started).min() ?? 0
    self.init(record: record, total: record.total, started: Date(timeIntervalSince1970: started))
  }

  /// Seconds of all shards together.
  var seconds: Double { record.parts.reduce(0) { $0 + $1.clock.elapsed } }

  var ledger: Campaign.Ledger { total.ledger }

  /// Controls that were not caught.
  var escaped: [String] {
    Campaign.Summary(plan: total.plan, ledger: ledger, elapsed: .zero).escaped
  }

  /// `2026-11-26`, in Greenwich.
  var day: String { started.formatted(.iso8601.year().month().day()) }

  /// Saved cases that did not end as recorded.
  var changed: [Replay] { total.corpus.filter { $0.outcome == .changed || $0.outcome == .unreadable } }
}
