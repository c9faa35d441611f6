import Support
import Testing
import gdr

@Suite struct ConsoleTests {
  @Test func `prose is broken between words, and nothing that is copied or aligned`() {
    #expect(
      wrapped("  one two three four", to: 12) == ["  one two", "    three", "    four"])
    for line in [
      "short", "  gdr replay v1/B1-T1/keys=equal --only chunked-sb32", "  name      7  0.5",
      "saved as Corpus/found/a-name-without-any-space:", "int main() {\n  return 0;\n}",
    ] {
      #expect(wrapped(line, to: 20) == [line])
    }
  }

  @Test func `every line of prose fits its terminal`() {
    let text = "   " + (1...60).map { String(repeating: "x", count: $0 % 9 + 1) }.joined(separator: " ")
    for width in 20...90 {
      let lines = wrapped(text, to: width)
      #expect(lines.allSatisfy { $0.count <= width })
      let words = lines.flatMap { $0.split(separator: " ") }
      #expect(words == text.split(separator: " "))
    }
  }

  @Test func `what a terminal or a log would act on is not shown, colours are`() {
    for (line, shown) in [
      ("plain ü 漢字 \t x", "plain ü 漢字 \t x"), ("a\u{1B}[2Jb\u{7}\u{9B}c", "a?[2Jb??c"),
      ("\u{1B}[31mred\u{1B}[0m", "\u{1B}[31mred\u{1B}[0m"), ("\u{1B}]0;title\u{7}", "?]0;title?"),
      ("one\n::error::two", "one?::error::two"), ("  ::error::x", "  : :error::x"),
      ("a ##[error] b", "a # #[error] b"), ("\u{202E}gnp\u{2028}", "?gnp?"), ("", ""),
    ] {
      #expect(shownText(line, coloured: true) == shown)
    }
    #expect(shownText("\u{1B}[31mred\u{1B}[0m") == "?[31mred?[0m")
    let transcript = Transcript()
    transcript.console.say("::set-output x\r\n")
    transcript.console.complain("\u{1B}c")
    #expect(transcript.out == [": :set-output x??"])
    #expect(transcript.error == ["gdr: ?c"])
  }

  @Test func `a progress line keeps what matters most`() {
    let parts = ["10 cases", "0 findings", "3 s left", "worst 0.5"]
    #expect(ProgressLine.fitted(parts, to: 80) == parts.joined(separator: ", "))
    #expect(ProgressLine.fitted(parts, to: 31) == "10 cases, 0 findings, 3 s left")
    #expect(ProgressLine.fitted(parts, to: 5) == "10 ca")
  }
}
