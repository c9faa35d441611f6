import Foreign
import Foundation
import GatedDeltaRule
import Synchronization
import gdr

/// Keeps what is said.
final class Transcript: Sendable {
  private let lines = Mutex<(out: [String], error: [String])>(([], []))

  var out: [String] { lines.withLock { $0.out } }
  var error: [String] { lines.withLock { $0.error } }

  var console: Console {
    Console(
      out: { line in self.lines.withLock { $0.out.append(line) } },
      error: { line in self.lines.withLock { $0.error.append(line) } })
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

/// A folder for one test, with a case in it.
struct Folder: ~Copyable {
  let path = FileManager.default.temporaryDirectory.appending(path: "gdr-\(UUID().uuidString)").path
  var file: String { "\(path)/case.safetensors" }

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try Frame(Folder.problem()).write(to: file)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
  }

  static func problem() throws -> Problem {
    let shape = try Shape(B: 1, T: 2, Hk: 1, Hv: 1, Dk: 2, Dv: 3)
    return try Problem(
      shape: shape,
      primals: Primals(
        q: Tensor(shape: shape.key), k: Tensor(shape: shape.key), v: Tensor(shape: shape.value),
        gates: .core(g: Tensor(shape: shape.gate), beta: Tensor(shape: shape.token)), state: nil),
      cotangents: Outputs())
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
