/// One result as a strip a head: a character for every token, or for a few.
package struct Strip: Hashable, Sendable, Codable {
  /// What a line is of: `row 0, head 1`.
  package let names: [String]
  /// `X` off, `.` right, `-` masked.
  package let lines: [String]
  /// Tokens of a character.
  package let tokens: Int
  /// Lines that are not shown.
  package let left: Int

  /// The most characters and lines.
  static let width = 56, height = 8

  /// Nil for what has no tokens, and for one token.
  init?(_ map: ErrorMap) {
    guard map.axes.count >= 3, map.axes[1] == .T, map.sizes[1] > 1 else { return nil }
    let (B, T, H) = (map.sizes[0], map.sizes[1], map.sizes[2])
    let width = map.isOff.count / max(1, B * T * H)
    let tokens = (T + Strip.width - 1) / Strip.width
    var (names, lines): ([String], [String]) = ([], [])
    for b in 0..<B {
      for h in 0..<H {
        var line = ""
        for first in stride(from: 0, to: T, by: tokens) {
          let elements = (first..<min(first + tokens, T)).flatMap { t in
            let start = ((b * T + t) * H + h) * width
            return start..<start + width
          }
          let isLive = elements.contains { map.counts[$0] }
          line += elements.contains { map.isOff[$0] } ? "X" : isLive ? "." : "-"
        }
        names.append((B > 1 ? "row \(b), " : "") + "head \(h)")
        lines.append(line)
      }
    }
    // Where not all lines have room, those that differ from the one before matter most.
    let shown = Strip.chosen(lines)
    (self.names, self.lines) = (shown.map { names[$0] }, shown.map { lines[$0] })
    (self.tokens, left) = (tokens, lines.count - shown.count)
  }

  private static func chosen(_ lines: [String]) -> [Int] {
    guard lines.count > height else { return Array(lines.indices) }
    let changes = lines.indices.filter { $0 == 0 || lines[$0] != lines[$0 - 1] }
    let rest = lines.indices.filter { !changes.contains($0) }
    return (changes + rest).prefix(height).sorted()
  }
}
