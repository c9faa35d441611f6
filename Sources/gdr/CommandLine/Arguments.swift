import Foundation

/// A command line after its command, taken apart: `--flag value`, `--flag=value`, `--flag`, and operands.
/// After `--` everything is an operand.
package struct Arguments: Hashable, Sendable {
  /// What is not a flag, in order.
  package private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]

  /// - Throws: `UsageError` for a flag that is unknown, has a value and takes none or the reverse, or lacks the flag that
  ///   it needs.
  package init(_ words: [String], flags: [Flag]) throws(UsageError) {
    var words = words[...]
    while let word = words.popFirst() {
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      if word == "--" {
        operands += words
        break
      }
      try take(word, from: &words, flags)
    }
    for flag in flags where values[flag.name] != nil {
      if let other = flag.needs, values[other] == nil { throw .alone(flag: flag.name, without: other) }
    }
  }

  private mutating func take(
    _ word: String, from words: inout ArraySlice<String>, _ flags: [Flag]
  ) throws(UsageError) {
    let parts = word.drop { $0 == "-" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts.first.map(String.init) ?? ""
    guard word.hasPrefix("--"), let flag = flags.first(where: { $0.name == name }) else {
      throw .unknownFlag(name, nearest: nearest(to: name, in: flags.map(\.name) + ["help"]))
    }
    guard values[name] == nil || flag.repeats else { throw .repeated(flag: name) }
    var value = parts.count == 2 ? String(parts[1]) : nil
    if let kind = flag.kind {
      // What looks like a flag is one: `--to --double` has lost the value of --to.
      if value == nil, words.first?.hasPrefix("--") == false { value = words.popFirst() }
      guard let value, !value.isEmpty else { throw .missingValue(flag: name, kind: kind) }
      values[name, default: []].append(value)
    } else {
      guard value == nil else { throw .unexpectedValue(flag: name) }
      values[name, default: []].append("")
    }
  }

  /// Whether the flag is there.
  package func has(_ flag: String) -> Bool { values[flag] != nil }

  /// Every value of a flag, in order.
  package func all(_ flag: String) -> [String] { values[flag] ?? [] }

  /// The value of a flag.
  package func value(_ flag: String) -> String? { values[flag]?.first }

  /// The value of a flag that must be there.
  package func required(_ flag: String, _ kind: String) throws(UsageError) -> String {
    guard let value = value(flag) else { throw .required(flag: flag, kind: kind) }
    return value
  }

  /// The value of a flag as a whole number of this range.
  package func integer(_ flag: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = value(flag) else { return nil }
    return try Arguments.integer(text, of: flag, in: range)
  }

  /// One number of a flag that takes several.
  package static func integer(
    _ text: String, of flag: String, in range: ClosedRange<Int>
  ) throws(UsageError) -> Int {
    guard let number = Int(text), range.contains(number) else {
      throw .notANumber(flag: flag, text: text, range: range)
    }
    return number
  }

  /// The value of `--seed`: a whole number up to 2^64 - 1.
  package func seed() throws(UsageError) -> UInt64? {
    guard let text = value("seed") else { return nil }
    guard let seed = UInt64(text) else { throw .notASeed(text) }
    return seed
  }

  /// Threads that a person may ask for.
  package static let threads = 1...1024

  /// That of `--processes`.
  func processes() throws(UsageError) -> Int? { try integer("processes", in: Arguments.threads) }

  /// That of `--jobs`; by default one thread a core, and one for each process that is waited for and takes no core.
  func jobs() throws(UsageError) -> Int {
    if let jobs = try integer("jobs", in: Arguments.threads) { return jobs }
    return ProcessInfo.processInfo.activeProcessorCount + (try processes() ?? 0)
  }

  /// The value of a flag as a duration: a positive number and one of s, m, h.
  package func duration(_ flag: String) throws(UsageError) -> Duration? {
    guard let text = value(flag) else { return nil }
    guard let duration = Duration(text: text) else { throw .notADuration(flag: flag, text: text) }
    return duration
  }

  /// The one operand that a command takes.
  package func onlyOperand(_ kind: String) throws(UsageError) -> String {
    guard let operand = operands.first else { throw .missingOperand(kind) }
    if operands.count > 1 { throw .extraOperand(operands[1]) }
    return operand
  }

  /// - Throws: `UsageError` if there is any operand.
  package func noOperands() throws(UsageError) {
    if let operand = operands.first { throw .extraOperand(operand) }
  }
}
