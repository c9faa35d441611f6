//  Text of unknown origin: a file's, a worker's, a name on a disk. What a terminal would act on, or what reads the log
//  of a build, does not pass.

/// The text quoted and short; what does not pass is written as an escape.
package func quoted(_ text: String, limit: Int = 60) -> String {
  var result = "'"
  for (count, element) in elements(of: text).enumerated() {
    guard count < limit else { return result + "...'" }
    switch element {
    case .plain(let scalar): result.unicodeScalars.append(scalar)
    case .blank(let scalar), .command(let scalar):
      result += scalar == " " ? " " : "\\u{\(String(scalar.value, radix: 16))}"
    }
  }
  return result + "'"
}

/// The text as one line of bounded length: runs of white space, and of what does not pass, are one space each.
package func oneLine(_ text: String, limit: Int = 400) -> String {
  var result = String.UnicodeScalarView()
  for element in elements(of: text) {
    guard result.count < limit else { break }
    switch element {
    case .plain(let scalar): result.append(scalar)
    case .command(let scalar): result.append(contentsOf: [" ", scalar])
    case .blank: if let last = result.last, last != " " { result.append(" ") }
    }
  }
  while result.last == " " { result.removeLast() }
  return String(result)
}

private enum Element {
  /// Shows as itself.
  case plain(Unicode.Scalar)
  /// White space, and what controls a terminal, changes the direction, ends a line or is no character.
  case blank(Unicode.Scalar)
  /// Would make a command of what stands before it. GitHub takes `::error::` where a line begins, as a word may that is
  /// wrapped, and `##[error]` anywhere; so does Azure with `##vso[`, and TeamCity with `##teamcity[`.
  case command(Unicode.Scalar)
}

/// No message needs more of a text than this.
private func elements(of text: String) -> [Element] {
  var elements: [Element] = []
  // The last scalar, and whether a word began with it.
  var (last, beganWord, isInWord): (Unicode.Scalar?, Bool, Bool) = (nil, false, false)
  for scalar in text.unicodeScalars.prefix(4096) {
    guard scalar.isPlain else {
      elements.append(.blank(scalar))
      (last, isInWord) = (nil, false)
      continue
    }
    let isCommand = (scalar == ":" && last == ":" && beganWord) || (scalar == "#" && last == "#")
    elements.append(isCommand ? .command(scalar) : .plain(scalar))
    (last, beganWord, isInWord) = (scalar, !isInWord, true)
  }
  return elements
}

extension Unicode.Scalar {
  /// Whether it shows, or is a blank on its line, wherever text is shown: it neither controls a terminal nor changes the
  /// direction of writing nor ends a line.
  package var isShown: Bool {
    // Nearly all there is.
    if (0x20..<0x7F).contains(value) { return true }
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
      return false
    default: return true
    }
  }

  fileprivate var isPlain: Bool { isShown && !properties.isWhitespace }
}
