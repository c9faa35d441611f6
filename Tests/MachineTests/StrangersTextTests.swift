import Machine
import Testing

@Suite struct StrangersTextTests {
  @Test(arguments: [
    ("plain text, é 中 😀", "plain text, é 中 😀"),
    ("  two\n\nlines\tand a tab  ", "two lines and a tab"),
    ("\u{1B}[31mred\u{1B}[0m", "[31mred [0m"),
    ("\u{1B}]0;title\u{7}\u{1B}]8;;http://x\u{1B}\\link", "]0;title ]8;;http://x \\link"),
    ("a\u{9B}31mb\u{85}c\u{90}d", "a 31mb c d"),
    ("a\u{202E}b\u{2066}c\u{200F}d\u{2028}e\u{2029}f\u{FEFF}g", "a b c d e f g"),
    ("::error::x", ": :error::x"),
    ("a\n::error file=x::y", "a : :error file=x::y"),
    ("\u{1B}::error::y", ": :error::y"),
    ("std::vector", "std::vector"),
    ("##[error]x ##vso[task.x]", "# #[error]x # #vso[task.x]"),
    ("a ###[error]", "a # # #[error]"),
    ("", ""),
    ("\0\r\n", ""),
  ])
  func `one line has nothing that anything acts on`(text: String, line: String) {
    #expect(oneLine(text) == line)
  }

  @Test(arguments: [
    ("a'b", "'a'b'"),
    ("a\n\u{1B}[31m\u{202E}", "'a\\u{a}\\u{1b}[31m\\u{202e}'"),
    ("\u{9B}\u{2028}", "'\\u{9b}\\u{2028}'"),
    ("a ::error::b", "'a :\\u{3a}error::b'"),
    ("##[error]", "'#\\u{23}[error]'"),
  ])
  func `a quotation shows what it leaves out`(text: String, quotation: String) {
    #expect(quoted(text) == quotation)
  }

  @Test func `no text is longer than it may be, in scalars`() {
    let tower = "e" + String(repeating: "\u{301}", count: 100_000)
    #expect(oneLine(tower).unicodeScalars.count == 400)
    #expect(quoted(tower).unicodeScalars.count == 65)
    #expect(oneLine(String(repeating: "word ", count: 1000), limit: 9) == "word word")
  }
}
