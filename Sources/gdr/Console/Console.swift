import Machine

/// Where lines go: results to one side, complaints to the other.
package struct Console: Sendable {
  /// Whether results may carry colours.
  package let isColoured: Bool
  /// The columns of the terminal that results go to; nil for a file or a pipe, where a line stays a line.
  package let width: Int?
  private let out: @Sendable (String) -> Void
  private let error: @Sendable (String) -> Void

  /// What a file or a pipe may have in a line of text.
  package static let widest = 99

  /// A console that hands its lines on.
  package init(
    isColoured: Bool = false, width: Int? = nil, out: @escaping @Sendable (String) -> Void,
    error: @escaping @Sendable (String) -> Void
  ) {
    (self.isColoured, self.width, self.out, self.error) = (isColoured, width, out, error)
  }

  /// The columns that text and tables made for reading may take.
  package var textWidth: Int { min(width ?? Console.widest, Console.widest) }

  /// The process's own; in colour on a terminal, unless NO_COLOR is set to anything but nothing.
  static var standard: Console {
    let noColour = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    return Console(
      isColoured: Terminal.isThere && !noColour && !isDumb,
      width: Terminal.isThere ? Terminal.width : nil,
      out: { StandardOutput.write(line: $0) },
      error: { line in
        var text = line + "\n"
        text.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
      })
  }

  /// A line of results; on a terminal prose is broken between words.
  package func say(_ line: String = "") {
    let text = shownText(line, coloured: isColoured)
    for line in width.map({ wrapped(text, to: $0) }) ?? [text] { out(shownText(line, coloured: isColoured)) }
  }

  /// A sentence that explains what is shown, and that no program reads: broken between words in a file and a pipe too.
  package func explain(_ sentence: String) {
    for line in wrapped(shownText(sentence, coloured: isColoured), to: textWidth) {
      out(shownText(line, coloured: isColoured))
    }
  }

  /// A line for a machine that reads the output, as it is.
  package func give(_ line: String) { out(line) }

  /// One line that says what went wrong; a path or an argument may be as long as anybody likes, the line is not.
  package func complain(_ what: some CustomStringConvertible) {
    let text = "\(what)".unicodeScalars
    let isLong = text.count > Console.longest
    // What is wrong stands at its end.
    let shown =
      isLong ? Array(text.prefix(200)) + Array("...".unicodeScalars) + Array(text.suffix(400)) : Array(text)
    var line = String.UnicodeScalarView()
    line.append(contentsOf: shown)
    error("gdr: " + shownText(String(line)))
  }

  private static let longest = 4000

  /// How text stands out where colours are allowed.
  package enum Style: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case yellow = "33"
  }

  /// The text in a style, or as it is.
  package func styled(_ text: String, _ style: Style?) -> String {
    guard let style, isColoured else { return text }
    return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
  }
}
