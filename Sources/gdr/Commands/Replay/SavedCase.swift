import Machine
import Oracle

/// A file of a saved case, replayed.
///
/// What stands on a shelf that is kept, or must be so again, is held to what is recorded. What was found and is not yet
/// kept is a finding like any other while it fails, and good news once it passes.
struct SavedCase {
  private let path: String
  private let shelf: Corpus.Shelf?

  /// - Parameter place: the operand: the file itself, or a folder that it lies below.
  init(_ path: String, below place: String) {
    (self.path, shelf) = (path, Corpus.shelf(of: path, below: place))
  }

  /// How a replay ended.
  enum Outcome {
    case evaluated(ExitCode)
    /// The implementation is not here, or takes the case no more.
    case notEvaluated(ExitCode)
    /// It is about another implementation than those that were asked for.
    case leftOut
    /// Everything that was asked refused it.
    case refused(by: String)

    var code: ExitCode {
      switch self {
      case .evaluated(let code), .notEvaluated(let code): code
      case .refused, .leftOut: .nothing
      }
    }

    /// Who refused, if that is how it ended.
    var refusing: String? { if case .refused(let names) = self { names } else { nil } }

    var isEvaluated: Bool { if case .evaluated = self { true } else { false } }
  }

  /// - Parameter names: the implementations that were asked for; nil for whichever the file is about.
  func replay(_ context: Context, only names: [String]?) -> Outcome {
    let finding: Finding
    switch Corpus.read(path) {
    case .success(let found): finding = found
    case .failure(let reason):
      context.console.complain("\(path) \(reason)")
      return .notEvaluated(.badFile)
    }
    if let names, !names.contains(finding.implementation) { return .leftOut }
    let (replay, grade) = replay(finding, context)
    if replay.outcome == .unreadable {
      context.console.complain("\(path): \(replay.detail)")
      return .notEvaluated(.badFile)
    }
    let isKept = finding.role == .control || finding.expectation == .agrees
    switch shelf {
    case .regression, .known: return kept(finding, replay, grade, context)
    case .found, nil:
      return isKept ? kept(finding, replay, grade, context) : found(finding, replay, grade, context)
    }
  }

  /// The case as it was judged when it was found, unless `--as` says otherwise.
  private func replay(_ finding: Finding, _ context: Context) -> (Replay, Grade?) {
    let progress = JobProgress("replay")
    defer { progress.clear() }
    progress.note(path)
    do {
      return Replay.evaluate(finding, file: path, by: try context.implementation(of: finding))
    } catch {
      return (Replay(finding, file: path, unreadable: "\(error)"), nil)
    }
  }

  /// How the worker was started that a saved case is about. Shown and not run: a file may come from anybody.
  private func line(startingWorkerOf finding: Finding) -> String? {
    finding.command.map {
      "it was found with: gdr replay \(path.shellWord) \(Report.against(finding.implementation, $0))"
    }
  }

  private func kept(_ finding: Finding, _ replay: Replay, _ grade: Grade?, _ context: Context) -> Outcome {
    guard grade != nil else {
      context.console.say("\(path): not evaluated, \(replay.detail)")
      if let line = line(startingWorkerOf: finding) { context.console.say("  " + line) }
      return .notEvaluated(.nothing)
    }
    context.console.say(replay.recipe)
    context.console.say("  \(replay.outcome == .same ? "as recorded" : "changed"): \(replay.detail)")
    return .evaluated(replay.outcome == .same ? .nothing : .changed)
  }

  private func found(
    _ finding: Finding, _ replay: Replay, _ grade: Grade?, _ context: Context
  ) -> Outcome {
    guard let grade, grade != .refused else {
      let line = grade == nil ? line(startingWorkerOf: finding) : nil
      context.console.complain(
        "\(path): " + ["not evaluated, \(replay.detail)", line].compactMap(\.self).joined(separator: "; "))
      return .notEvaluated(.badFile)
    }
    context.console.say(replay.recipe)
    switch grade {
    case .disagrees, .failed:
      context.console.say("  still fails: \(replay.detail)")
      return .evaluated(.findings)
    case .agrees:
      context.console.say("  passes: \(replay.detail)")
      context.console.say("  to keep it as a regression test:")
      context.console.say("  gdr corpus promote \(path.shellWord) --to regression --why 'SENTENCE'")
      return .evaluated(.nothing)
    case .degraded, .refused:
      context.console.say("  fails no more: \(replay.detail)")
      return .evaluated(.nothing)
    }
  }
}
