import Foundation
import GatedDeltaRule

extension Report {
  /// What a case looks like as it was met: a sentence for every result that is off, and a strip of tokens for the first.
  ///
  /// - Parameter name: what is said first: `as met`.
  package static func lines(_ pattern: ErrorPattern, named name: String) -> [String] {
    let alike = Dictionary(grouping: pattern.parts, by: sentence)
    var seen: Set<String> = []
    var lines: [String] = []
    for part in pattern.parts {
      let sentence = sentence(part)
      guard seen.insert(sentence).inserted else { continue }
      let quantities = (alike[sentence] ?? []).map(\.quantity.rawValue).joined(separator: ", ")
      lines.append("\(lines.isEmpty ? name + ": " : "")\(quantities): \(sentence)")
    }
    if !pattern.right.isEmpty {
      lines.append("right: \(pattern.right.map(\.rawValue).joined(separator: ", "))")
    }
    return lines + strip(pattern)
  }

  /// `0.5 times what it should be; tokens from 64 on, value heads 1, 3`.
  package static func sentence(_ part: ErrorPattern.Part) -> String {
    if part.isOfMasked { return "not 0 at masked tokens, \(part.off) element\(part.off == 1 ? "" : "s")" }
    let places = part.extents.compactMap(\.text)
    let place =
      if places.isEmpty {
        part.isWhole ? "everywhere" : "at \(part.off) of \(part.counted) elements"
      } else {
        "at " + places.joined(separator: ", ") + (part.isWhole ? "" : " (\(part.off) elements of them)")
      }
    return (part.relation.map { $0.text + ", " } ?? "wrong ") + place
  }

  /// Of the first result that has tokens and is not off everywhere.
  private static func strip(_ pattern: ErrorPattern) -> [String] {
    let telling = pattern.parts.first { part in
      part.strip?.lines.contains { $0.contains(".") } == true
    }
    guard let part = telling, let strip = part.strip else { return [] }
    let width = strip.names.map(\.count).max() ?? 0
    let scale = strip.tokens > 1 ? ", \(strip.tokens) to a character" : ""
    let head = "\(part.quantity.rawValue), tokens from left to right\(scale): X wrong, . right"
    return [head + (strip.lines.contains { $0.contains("-") } ? ", - masked" : "")]
      + zip(strip.names, strip.lines).map { name, line in
        "  " + name.padding(toLength: width, withPad: " ", startingAt: 0) + "  " + line
      } + (strip.left > 0 ? ["  and \(strip.left) lines more"] : [])
  }
}
