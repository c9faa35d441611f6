import Foreign
import GatedDeltaRule
import Oracle
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
  _ words: [String], implementations: [any Implementation] = [Stub()], verdict: Verdict = .agrees(ratio: 0),
  ratio: Double = 0.5
) -> (code: ExitCode, out: [String], error: [String]) {
  let transcript = Transcript()
  let judge: Judge = { _ in { CaseResult($0, Judgement(verdict, y: ratio)) } }
  let code = Command.run(
    words, in: Context(implementations: implementations, judge: judge, console: transcript.console))
  return (code, transcript.out, transcript.error)
}

extension Judgement {
  /// A verdict with one figure.
  init(_ verdict: Verdict, y ratio: Double) {
    self.init(verdict: verdict)
    ratios = [.y: ratio]
  }
}

extension Disagreement {
  /// One of y.
  static let ofY = Disagreement(
    test: .bound, quantity: .y, index: [0, 0, 0, 0], expected: 0, found: 1, ratio: 3, cause: .unstable,
    normError: 1)
}
