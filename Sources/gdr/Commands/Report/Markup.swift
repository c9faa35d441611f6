/// Text as it may stand in XML and HTML, in an attribute too.
///
/// Sentences quote what programs said, so anything may be in them; what XML cannot hold at all becomes a question mark.
func escaped(_ text: some StringProtocol) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "\n", "\t": result.unicodeScalars.append(scalar)
    case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "?"
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
