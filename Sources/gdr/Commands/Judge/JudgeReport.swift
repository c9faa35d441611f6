import Foundation
import Machine
import Oracle

/// That of this program, where a report has a version of its own.
private let programVersion = version

/// What a judge says to a program. A version may add members, and never changes what one means.
struct JudgeReport: Encodable {
  /// The one word.
  enum Verdict: String, Encodable {
    /// Nothing is wrong in what was drawn, and all of it was judged.
    case passes
    /// A result is wrong, or an answer cannot be relied on.
    case fails
    /// Nothing is wrong, and something was not judged.
    case incomplete
  }

  let schema = "gdr-judge"
  let version = 1
  let gdr: String
  let verdict: Verdict
  /// What the shell is told.
  let exit: Int32
  /// Why, what weighs most first; none where it passes.
  let reasons: [String]
  /// The run's, as text: not every reader of JSON keeps 64 bits.
  let seed: String
  let cases: Int
  let seconds: Double
  let worker: Worker
  let results: [Result]
  let findings: [Finding]
  /// Wrong answers that were met, reduced to a finding or not.
  let failures: [String: Int]
  let probes: [ProbeResult]
  let refusals: [Refused]
  /// Problems of a kind that it never takes, which were left out.
  let leftOut: [String]
  /// What is worth knowing, and no reason.
  let notes: [String]
  /// How it stands under the plain law; nil where it declares nothing else.
  let plain: Plain?
  let times: JudgeTimes?
  /// What a person does next.
  let next: String?

  struct Worker: Encodable {
    let name: String
    let command: String?
    let summary: String
    /// Its form, clamp, products and other roundings, in words, as it says them itself.
    let declared: String
    /// What it was judged by in its place.
    let law: String?
    /// The rule that it was asked for: that of `--contract`, or the one that it declares.
    let contract: String?
  }

  /// One result over all cases.
  struct Result: Encodable {
    let result: String
    /// Cases in which it was compared.
    let judged: Int
    /// The largest error over its bound; 1 is the bound. Nil where nothing was compared, or an element was no number.
    let worst: Double?
    /// Cases in which the bound was too wide to say much.
    let uninformative: Int
    /// The smallest relative fault in all of it that a run of as many cases sees in half of all attempts; nil where that
    /// is not known.
    let power: Double?
  }

  /// One bug: its simplest case.
  struct Finding: Encodable {
    let recipe: String
    let kind: String
    /// Those that are off on that case; `pattern` is of the one it was met on.
    let results: [String]
    /// Error over bound; nil where that is no number.
    let severity: Double?
    let sentence: String
    /// What it looked like where it was met.
    let pattern: [String]
    let cause: Cause?
    /// The known faults that answer like it.
    let known: [String]
    /// Other findings of the same cause.
    let others: [String]
    /// Whether the case alone shows it: one that depends on what was asked before, or on chance, the two commands may not show.
    let repeatable: Bool
    let replay: String
    let explain: String
  }

  struct Cause: Encodable {
    let text: String
    /// Whether that is known; otherwise it is what such a case suggests.
    let likely: Bool
  }

  struct ProbeResult: Encodable {
    let name: String
    let asked: Int
    let broken: Int
    /// What it means; nil where none was broken.
    let sentence: String?
    let recipe: String?
  }

  struct Refused: Encodable {
    let reason: String
    let count: Int
    /// Of which the same sizes with ordinary values are taken.
    let byValue: Int
  }

  struct Plain: Encodable {
    let cases: Int
    let fails: Int
    let worst: Double
  }
}

extension JudgeReport {
  /// Of a worker that cannot be started.
  init(_ arguments: Arguments, failing reason: BadFile) {
    let parts = (arguments.all("against").first ?? "").split(separator: "=", maxSplits: 1).map(String.init)
    self.init(
      gdr: programVersion, verdict: .incomplete, exit: ExitCode.badFile.rawValue,
      reasons: [reason.description],
      seed: arguments.value("seed") ?? "", cases: 0, seconds: 0,
      worker: Worker(
        name: parts.first ?? "", command: parts.dropFirst().first, summary: "", declared: "",
        law: arguments.value("as"), contract: arguments.value("contract")),
      results: [], findings: [], failures: [:], probes: [], refusals: [], leftOut: [], notes: [], plain: nil,
      times: nil, next: nil)
  }

  /// To a file, to standard output for `-`, to nobody for nil.
  func write(to path: String?, _ console: Console) throws {
    guard let path else { return }
    let data = try JSONEncoder.ofNumbers([.prettyPrinted, .withoutEscapingSlashes]).encode(self)
    if path == "-" {
      for line in String(decoding: data, as: UTF8.self).split(separator: "\n") { console.say(String(line)) }
    } else {
      try AtomicFile.write(data + Data("\n".utf8), to: path)
    }
  }
}

/// How long it takes, by the clock of the judge.
struct JudgeTimes: Encodable {
  let layer: String
  let T: Int
  /// Whether with them, or forward alone.
  let gradients: Bool
  /// In seconds.
  let rounds: [Double]
  let median: Double
  let low: Double
  let high: Double
  /// What the pipe took beside that, its median and where that is known to lie.
  let echo: Double?
  let echoLow: Double?
  let echoHigh: Double?
  /// What the worker claims.
  let claim: Double?
  /// What speaks against the claim.
  let flags: [String]
}
