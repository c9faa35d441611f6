import Foreign
import GatedDeltaRule
import Support
import Testing

/// A reply to a problem may say form and floor of its own answer.
@Suite struct AnsweredDeclarationTests {
  @Test func `form and floor of a reply go before those of the hello`() throws {
    let worker = try FaultyWorker(
      """
      if n == 0: reply |= {'form': 'chunked:8', 'clamp': 'forward:1e-6'}
      elif shapes['q'][1] <= 8: reply |= {'form': 'sequential', 'clamp': 'none'}
      """)
    let program = worker.program()
    #expect(program.declaration.form == .chunked(length: 8))
    #expect(program.declaration.clamp == .forwardDecay(floor: 1e-6))
    for (T, form, clamp) in [
      (8, Declaration.Form.sequential, Declaration.Clamp.none),
      (9, .chunked(length: 8), .forwardDecay(floor: 1e-6)),
    ] {
      let problem = try Problem.zeros(T: T)
      let answer = try program.evaluate(problem, request: Request())
      let declaration = program.declaration(for: problem, answering: answer)
      #expect(declaration.form == form && declaration.clamp == clamp)
      #expect(declaration.floor == program.declaration.floor)
    }
  }

  @Test func `what a reply does not say is as declared`() throws {
    let worker = try FaultyWorker(
      "if n == 0: reply |= {'form': 'chunked:8', 'clamp': 'decay:1e-6'}\nelse: reply['clamp'] = 'none'")
    let program = worker.program()
    let answer = try program.evaluate(.zeros(), request: Request())
    #expect(answer.form == nil && answer.clamp == Declaration.Clamp.none)
    let declaration = try program.declaration(for: .zeros(), answering: answer)
    #expect(declaration.form == .chunked(length: 8) && declaration.clamp == .none)
  }

  @Test(arguments: [
    ("form", "chunked:9223372036854775807", "expected sequential or chunked:LENGTH"),
    ("form", "chunked:99999999999999999999", "expected sequential or chunked:LENGTH"),
    ("form", "chunked:-1", "expected sequential or chunked:LENGTH"), ("form", "", "expected sequential"),
    ("clamp", "decay:1e400", "expected none, decay:FLOOR with"),
    ("clamp", "forward:2", "expected none, decay:FLOOR with"),
    ("clamp", "forward:nan", "expected none, decay:FLOOR with"),
    ("clamp", "forward:", "expected none, decay:FLOOR with"),
    ("clamp", "log:1e-3", "expected none, decay:FLOOR with"),
  ])
  func `a bad word is one line, and costs no process`(key: String, value: String, words: String) throws {
    let program = try FaultyWorker("if n > 0: reply['\(key)'] = '\(value)'").program()
    for _ in 0..<2 {
      let line = try #require(try program.breakdown(.zeros())?.description)
      #expect(line.contains("metadata '\(key)' is '\(value)', \(words)") && !line.contains("\n"))
    }
  }

  @Test func `a law goes before what an answer says`() throws {
    let worker = try FaultyWorker("if n > 0: reply |= {'form': 'chunked:8', 'clamp': 'decay:0.5'}")
    let problem = try Problem.zeros()
    for (text, form, clamp) in [
      ("sequential", Declaration.Form.sequential, Declaration.Clamp.none),
      ("log:-20", .chunked(length: 8), .logDecay(floor: -20)),
      ("plain", .chunked(length: 8), .decay(floor: 0.5)),
    ] {
      let judged = UnderLaw(worker.program(), try Law(text))
      let answer = try judged.evaluate(problem, request: Request())
      let declaration = judged.declaration(for: problem, answering: answer)
      #expect(declaration.form == form && declaration.clamp == clamp, "\(text)")
    }
  }
}
