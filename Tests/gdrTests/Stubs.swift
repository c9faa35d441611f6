import Foreign
import GatedDeltaRule
import Support
import gdr

extension Transcript {
  /// A console that writes here.
  var console: Console {
    Console(out: { self.write($0) }, error: { self.writeError($0) })
  }
}

/// Answers y with the number of its name's letters.
struct Stub: Implementation {
  var name = "stub"
  var summary: String { "for tests" }
  var declaration = Declaration(offersDouble: false)
  var refusal: String?
  var fails = false

  struct Failure: Error, CustomStringConvertible {
    var description: String { "on purpose" }
  }

  func refusal(of problem: Problem) -> String? { refusal }

  func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    if fails { throw Failure() }
    return Evaluation(results: [.y: Tensor(shape: problem.shape.value, repeating: Double(name.count))])
  }
}

extension TemporaryFolder {
  /// Writes a case of zeros, and returns its path.
  func writeCase(to name: String = "case.safetensors") throws -> String {
    try write(Frame(.zeros()).encoded(), to: name)
  }
}

/// Runs a command line; the judge finds every implementation `verdict`, with this ratio for y.
func run(
  _ words: [String], implementations: [any Implementation] = [Stub()], verdict: Outcome.Verdict = .agrees,
  ratio: Double = 0.5
) -> (code: ExitCode, out: [String], error: [String]) {
  let transcript = Transcript()
  let judge: Judge = { _ in { _ in Outcome(verdict, ratios: [.y: ratio]) } }
  let code = Command.run(
    words, in: Context(implementations: implementations, judge: judge, console: transcript.console))
  return (code, transcript.out, transcript.error)
}
