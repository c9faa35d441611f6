import Machine
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

  @Test func `what is said stays a line in a file, what is explained is broken`() {
    let (results, prose) = (Transcript(), (1...40).map { "word\($0)" }.joined(separator: " "))
    results.console.say(prose)
    #expect(results.out == [prose])
    let legend = Transcript()
    legend.console.explain(prose)
    #expect(legend.out.count == 3 && legend.out.allSatisfy { $0.count < 100 })
  }

  @Test func `a table that is wider than its terminal comes in parts, the first column in each`() {
    var table = Table(["", "one", "two", "three"])
    table.add(["row", "1", "2", "3"].map { Table.Cell($0) })
    func blocks(_ width: Int?) -> [String] {
      table.blocks(on: Console(width: width, out: { _ in }, error: { _ in }))
    }
    #expect(blocks(nil) == ["     one  two  three", "row    1    2      3"])
    #expect(blocks(20) == blocks(nil))
    #expect(blocks(19) == ["     one  two", "row    1    2", "", "     three", "row      3"])
    #expect(
      blocks(5) == ["     one", "row    1", "", "     two", "row    2", "", "     three", "row      3"])
  }

  @Test func `progress says what, how many and how long`() {
    #expect(
      JobProgress.parts("runs", done: 3, of: 1200, note: "chunked", elapsed: .seconds(7.9))
        == ["runs: 3 of 1,200", "7 s", "chunked"])
    #expect(JobProgress.parts("runs", done: 9, of: 8, note: "", elapsed: .zero) == ["runs: 8 of 8", "0 s"])
    #expect(JobProgress.parts("saving", done: 0, of: nil, note: "", elapsed: .zero) == ["saving", "0 s"])
  }

  @Test func `one is not several`() {
    #expect(
      [0, 1, 2].map { counted($0, "case") } + [counted(2, "hypothesis", plural: "hypotheses")]
        == ["0 cases", "1 case", "2 cases", "2 hypotheses"])
  }

  @Test func `a progress line keeps what matters most`() {
    let parts = ["10 cases", "0 findings", "3 s left", "worst 0.5"]
    #expect(ProgressLine.fitted(parts, to: 80) == parts.joined(separator: ", "))
    #expect(ProgressLine.fitted(parts, to: 31) == "10 cases, 0 findings, 3 s left")
    #expect(ProgressLine.fitted(parts, to: 5) == "10 ca")
  }
}
