import Machine

/// A line as a terminal and the log of a build may have it.
///
/// Lines quote files, workers and names on disks. What would move a cursor, change the direction of writing or end the
/// line becomes a question mark; colours stay where the line may have them. GitHub takes a line that begins with `::` for
/// a command, and GitHub, Azure and TeamCity take `##[`, `##vso[` and `##teamcity[` anywhere: a space takes that meaning away.
package func shownText(_ line: String, coloured isColoured: Bool = false) -> String {
  var result = String.UnicodeScalarView()
  let scalars = Array(line.unicodeScalars)
  var index = 0
  while index < scalars.count {
    let length = isColoured ? colourLength(scalars[index...]) : 0
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
    result.append(scalar.isShown || scalar == "\t" ? scalar : "?")
    index += 1
  }
  return String(result)
}

/// The scalars of a change of colour, `ESC [ digits m`, at the beginning of these; 0 if there is none.
private func colourLength(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
  guard scalars.starts(with: ["\u{1B}", "["]) else { return 0 }
  let digits = scalars.dropFirst(2).prefix { ("0"..."9").contains($0) }
  return digits.count <= 2 && scalars.dropFirst(2 + digits.count).first == "m" ? digits.count + 3 : 0
}
