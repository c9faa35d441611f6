import Testing
import gdr

@Suite struct HelpTests {
  @Test(arguments: [64, 80, 99])
  func `a page of help fits, and says every verb and flag`(width: Int) {
    for command in Command.all {
      let page = command.page(width: width)
      #expect(page.allSatisfy { $0.count <= width }, "\(command.name): \(page.filter { $0.count > width })")
      let words = Set(page.joined(separator: " ").split { " []".contains($0) })
      for flag in command.flags {
        #expect(words.contains("--\(flag.name)"), "\(command.name) --\(flag.name)")
        for word in flag.summary.split(separator: " ") where !word.contains(where: "[]".contains) {
          #expect(words.contains(word), "\(command.name) --\(flag.name): \(word)")
        }
      }
      for verb in command.verbs { #expect(page.contains { $0.hasPrefix("  \(verb.name)") }) }
    }
  }

  @Test func `what help prints through a pipe is narrower than 100 columns`() {
    for words in [["help"]] + Command.all.map({ ["help", $0.name] }) {
      let out = run(words).out
      #expect(!out.isEmpty && out.allSatisfy { $0.count < 100 }, "\(words): \(out)")
    }
  }

  @Test func `a list entry stands beside its head, or under it where that is long`() {
    #expect(listed("  a", "one two three", column: 6, width: 14) == ["  a   one two three"])
    #expect(listed("  a", "one two three", column: 6, width: 26) == ["  a   one two three"])
    #expect(
      listed("  a long head", "one two three four five six", column: 6, width: 26)
        == ["  a long head", "      one two three four", "      five six"])
  }
}
