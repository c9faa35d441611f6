extension String {
  /// As a shell reads it back as one word: in quotes where it needs them.
  package var shellWord: String {
    let isPlain = allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./,:+=@~%".contains($0)) }
    // What begins with one of these two is replaced, by some shells.
    let isReplaced = first.map { "~=".contains($0) } ?? true
    return isPlain && !isReplaced ? self : inShellQuotes
  }

  /// The same in quotes, whatever it is.
  package var inShellQuotes: String { "'" + replacing("'", with: "'\\''") + "'" }
}
