/// A line as a terminal and the log of a build may have it.
///
/// Lines quote files, workers and names on disks. What would move a cursor, change the direction of writing or end the
/// line becomes a question mark; colours stay. GitHub takes a line that begins with `::` for a command, and GitHub,
/// Azure and TeamCity take `##[`, `##vso[` and `##teamcity[` anywhere: a space takes that meaning away.
package func shownText(_ line: String) -> String {
  var result = String.UnicodeScalarView()
  let scalars = Array(line.unicodeScalars)
  var index = 0
  while index < scalars.count {
    let length = colourLength(scalars[index...])
    guard length == 0 else {
      result.append(contentsOf: scalars[index..<index + length])
      index += length
      continue
    }
    let scalar = scalars[index]
    let isCommand =
      (scalar == ":" && result.last == ":" && result.dropLast().allSatisfy { $0 == " " })
      || (scalar == "#" && result.last == "#")
    if isCommand { result.append(" ") }
    result.append(isShown(scalar) ? scalar : "?")
    index += 1
  }
  return String(result)
}

private func isShown(_ scalar: Unicode.Scalar) -> Bool {
  // Nearly all there is.
  if (0x20..<0x7F).contains(scalar.value) || scalar == "\t" { return true }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
    return false
  default: return true
  }
}

/// The scalars of a change of colour, `ESC [ digits m`, at the beginning of these; 0 if there is none.
private func colourLength(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
  guard scalars.starts(with: ["\u{1B}", "["]) else { return 0 }
  let digits = scalars.dropFirst(2).prefix { ("0"..."9").contains($0) }
  return digits.count <= 2 && scalars.dropFirst(2 + digits.count).first == "m" ? digits.count + 3 : 0
}
