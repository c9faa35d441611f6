/// A line of prose in lines of at most so many columns, the later ones indented further.
///
/// What is copied, a command or a path, stays in one piece, and so do rows of a table: a line that begins with a
/// command, holds a word that has no room in a line, or has two spaces between words is left as it is.
package func wrapped(_ line: String, to width: Int) -> [String] {
  let text = line.drop { $0 == " " }
  let indent = line.count - text.count
  guard line.count > width, !text.hasPrefix("gdr "), !text.contains("  "), !text.contains("\n") else {
    return [line]
  }
  let words = text.split(separator: " ")
  guard words.allSatisfy({ indent + 2 + $0.count <= width }) else { return [line] }
  let margin = String(repeating: " ", count: indent)
  return filled(words, first: width - indent, rest: width - indent - 2).enumerated().map { number, line in
    margin + (number == 0 ? "" : "  ") + line
  }
}

/// An entry of a list: its head, then prose from a column on, in lines of at most so many columns. A head that leaves
/// no room before that column has a line of its own.
package func listed(_ head: String, _ prose: String, column: Int, width: Int) -> [String] {
  let margin = String(repeating: " ", count: column)
  let room = max(width - column, 20)
  let lines = filled(prose.split(separator: " "), first: room, rest: room)
  guard head.count + 2 <= column else { return [head] + lines.map { margin + $0 } }
  let rest = lines.dropFirst().map { margin + $0 }
  return [head + String(repeating: " ", count: column - head.count) + (lines.first ?? "")] + rest
}

/// Words in lines, one space between them, of at most so many columns in the first and in the others; a word that is
/// longer stands alone.
package func filled(_ words: [some StringProtocol], first: Int, rest: Int) -> [String] {
  var lines: [String] = []
  for word in words {
    let room = lines.count == 1 ? first : rest
    if let last = lines.last, last.count + 1 + word.count <= room {
      lines[lines.count - 1] += " " + word
    } else {
      lines.append(String(word))
    }
  }
  return lines
}
