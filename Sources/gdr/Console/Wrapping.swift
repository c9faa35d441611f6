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
  var lines = [String(repeating: " ", count: indent) + (words.first ?? "")]
  for word in words.dropFirst() {
    if lines[lines.count - 1].count + 1 + word.count <= width {
      lines[lines.count - 1] += " " + word
    } else {
      lines.append(String(repeating: " ", count: indent + 2) + word)
    }
  }
  return lines
}
