import Machine
import Oracle

extension Command {
  /// `gdr merge-reports`.
  static let mergeReports = Command(
    name: "merge-reports", operands: "RUN.json...",
    summary: "merge the records of the shards of a run; in any order, repeated or not",
    flags: [
      Flag(
        "to", "MERGED.json", isRequired: true, file: .writtenAfterOperands,
        summary: "where the result goes; not read unless it is an operand too"
      ),
      Flag("expect", "WHOLE.json", file: .read, summary: "exit with 2 unless the result equals this run"),
    ]
  ) { arguments, context in
    let target = try arguments.required("to", "MERGED.json")
    let merged = try union(arguments.operands)
    try AtomicFile.write(try merged.encoded(), to: target)
    let total = merged.total
    context.console.say(
      "\(target): \(merged.parts.count) of \(merged.plan.shards) shards, \(counted(total.ledger.cases, "case")), "
        + counted(total.summary.findings.count, "finding"))
    let missing = merged.missingText
    if let missing { context.console.say("not complete: \(missing) missing") }
    guard let whole = arguments.value("expect") else { return missing == nil ? .nothing : .unhealthy }
    guard let difference = total.difference(from: try RecordFile.read(whole).total) else {
      context.console.say("the same as \(whole)")
      return missing == nil ? .nothing : .unhealthy
    }
    context.console.say("not the same as \(whole): \(difference)")
    return .changed
  }

  /// All parts of one run.
  static func union(_ paths: [String]) throws -> Record {
    guard let first = paths.first else { throw UsageError.missingOperand("RUN.json") }
    var record = try RecordFile.read(first)
    for path in paths.dropFirst() {
      let other = try RecordFile.read(path)
      do throws(Record.Mismatch) {
        record = try record.union(other)
      } catch {
        throw BadFile(path: path, reason: "is of another run than \(first): \(error)")
      }
    }
    return record
  }
}
