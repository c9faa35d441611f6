/// The fewest insertions, deletions, replacements and swaps of neighbours that turn one text into the other.
package func editDistance(_ source: String, _ target: String) -> Int {
  let (a, b) = (Array(source), Array(target))
  var rows = [Array(0...b.count)]
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
      row.append(cost)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}

/// The candidate that is the fewest edits away, the first of them where several are; nil where none is half as many
/// edits away as the text has letters. One of whose words it is comes before all that are several edits away: who types
/// `worker` remembers a part of `init-worker`, and did not mistype `power`.
package func nearest(to text: String, in candidates: [String]) -> String? {
  // A word of a command line is short; past that it is no misspelling of anything.
  let text = String(text.prefix(64))
  let best = candidates.min { editDistance(text, $0) < editDistance(text, $1) }
  if best.map({ editDistance(text, $0) > 1 }) ?? false,
    let whole = candidates.first(where: { $0.split(separator: "-").contains(Substring(text)) })
  {
    return whole
  }
  return best.flatMap { 2 * editDistance(text, $0) <= max(text.count, 2) ? $0 : nil }
}
