/// Text as it may stand in XML and HTML, in an attribute too.
///
/// Sentences quote what programs said, so anything may be in them: every line is one that a terminal and the log of a
/// build may have.
func escaped(_ text: some StringProtocol) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { escapedLine(shownText(String($0))) }
    .joined(separator: "\n")
}

private func escapedLine(_ line: String) -> String {
  var result = ""
  for scalar in line.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// One element with its attributes and what stands in it.
func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: String? = nil)
  -> String
{
  let head = attributes.reduce("<" + name) { $0 + " \($1.key)=\"\(escaped($1.value))\"" }
  return content.map { head + ">" + $0 + "</\(name)>" } ?? head + "/>"
}
