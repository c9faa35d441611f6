import Testing
import gdr

@Suite struct ArgumentTests {
  let flags = [
    Flag("for", "DURATION", summary: ""), Flag("seed", "N", summary: ""),
    Flag("against", "NAME=COMMAND", repeats: true, summary: ""), Flag("double", summary: ""),
  ]

  @Test func `a value follows its flag after a space or an equals sign`() throws {
    let arguments = try Arguments(["--for", "10m", "a", "--seed=-3", "--double", "b"], flags: flags)
    #expect(arguments.operands == ["a", "b"])
    #expect(arguments.value("for") == "10m")
    #expect(arguments.value("seed") == "-3")
    #expect(arguments.has("double"))
    #expect(!arguments.has("against"))
  }

  @Test func `a repeated flag keeps its order, and its value may hold an equals sign`() throws {
    let arguments = try Arguments(["--against", "a=x y", "--against=b=z=1"], flags: flags)
    #expect(arguments.all("against") == ["a=x y", "b=z=1"])
  }

  @Test func `after two dashes everything is an operand`() throws {
    let arguments = try Arguments(["--double", "--", "--for", "-"], flags: flags)
    #expect(arguments.operands == ["--for", "-"])
  }

  @Test func `each mistake is named`() {
    #expect(mistake("--fro", "1s") == .unknownFlag("fro", nearest: "for"))
    #expect(mistake("--duoble=1") == .unknownFlag("duoble", nearest: "double"))
    #expect(mistake("-seed", "1") == .unknownFlag("seed", nearest: "seed"))
    #expect(mistake("--for") == .missingValue(flag: "for", kind: "DURATION"))
    #expect(mistake("--for", "--double") == .missingValue(flag: "for", kind: "DURATION"))
    #expect(mistake("--for=") == .missingValue(flag: "for", kind: "DURATION"))
    #expect(mistake("--double=yes") == .unexpectedValue(flag: "double"))
    #expect(mistake("--seed", "1", "--seed", "2") == .repeated(flag: "seed"))
    #expect(
      UsageError.unknownFlag("fro", nearest: "for").description
        == "unknown flag '--fro'; did you mean '--for'?")
  }

  @Test func `numbers and durations are read or refused`() throws {
    let arguments = try Arguments(["--for", "90", "--seed", "1e3"], flags: flags)
    #expect(throws: UsageError.notADuration(flag: "for", text: "90")) { try arguments.duration("for") }
    #expect(throws: UsageError.notANumber(flag: "seed", text: "1e3", range: 0...9)) {
      try arguments.integer("seed", in: 0...9)
    }
    for (text, number) in [("7", 7), ("1", 1), ("9", 9)] {
      #expect(try Arguments(["--seed", text], flags: flags).integer("seed", in: 1...9) == number)
    }
    for text in ["0", "10", "-1", "9223372036854775807", "99999999999999999999", "", "1.0", " 1"] {
      #expect(throws: UsageError.self) {
        try Arguments(["--seed=\(text)"], flags: flags).integer("seed", in: 1...9)
      }
    }
    #expect(
      UsageError.notANumber(flag: "jobs", text: "0", range: 1...4).description
        == "--jobs '0' is not a whole number from 1 to 4")
  }

  @Test(arguments: [
    ("30s", Duration.seconds(30)), ("10m", .seconds(600)), ("8h", .seconds(28800)), ("0.5m", .seconds(30)),
  ])
  func `a duration has a unit`(text: String, expected: Duration) {
    #expect(Duration(text: text) == expected)
  }

  @Test(arguments: [
    "", "s", "10", "10x", "-1s", "0s", "nans", "infs", "1e3s", "0x1s", " 1s", "1..5s", "9999999999h",
  ])
  func `what is no duration is none`(text: String) {
    #expect(Duration(text: text) == nil)
  }

  @Test func `the nearest word is the fewest edits away`() {
    #expect(editDistance("", "abc") == 3)
    #expect(editDistance("kitten", "sitting") == 3)
    #expect(editDistance("ab", "ba") == 1)
    #expect(editDistance("same", "same") == 0)
    #expect(nearest(to: "lst", in: ["eval", "list", "check"]) == "list")
    #expect(nearest(to: "x", in: []) == nil)
  }

  @Test
  func `a word of a name comes before a name that is several edits away, and after one that is one away`() {
    #expect(nearest(to: "worker", in: ["power", "init-worker"]) == "init-worker")
    #expect(nearest(to: "reports", in: ["report", "merge-reports"]) == "report")
  }

  private func mistake(_ words: String...) -> UsageError? {
    do throws(UsageError) {
      _ = try Arguments(words, flags: flags)
      return nil
    } catch {
      return error
    }
  }
}
