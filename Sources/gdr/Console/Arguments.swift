/// A command line after its command, taken apart: `--flag value`, `--flag=value`, `--flag`, and operands.
/// After `--` everything is an operand.
package struct Arguments: Hashable, Sendable {
  /// What is not a flag, in order.
  package private(set) var operands: [String] = []
  private var values: [String: [String]] = [:]

  /// - Throws: `UsageError` for a flag that is unknown, or has a value and takes none, or the reverse.
  package init(_ words: [String], flags: [Flag]) throws(UsageError) {
    var words = words[...]
    while let word = words.popFirst() {
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      if word == "--" {
        operands += words
        return
      }
      try take(word, from: &words, flags)
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

  /// The value of a flag as a whole number of at least `least`.
  package func integer(_ flag: String, least: Int = 0) throws(UsageError) -> Int? {
    guard let text = value(flag) else { return nil }
    guard let number = Int(text), number >= least else { throw .notANumber(flag: flag, text: text) }
    return number
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
