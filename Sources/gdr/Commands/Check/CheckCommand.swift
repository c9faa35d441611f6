import Foreign
import GatedDeltaRule

extension Command {
  /// `gdr check [FILE|DIRECTORY]...`.
  static let check = Command(
    name: "check", operands: "[FILE|DIRECTORY]...",
    summary: "judge every implementation on case files, and the results recorded in them",
    flags: Flag.against
  ) { arguments, desk in
    let desk = try desk.joined(by: arguments)
    let paths = arguments.operands.isEmpty ? ["Fixtures"] : arguments.operands
    var (scores, differences) = (Scoreboard(), DifferenceBoard())
    var (read, bad) = (0, 0)
    for path in expand(
      paths,
      {
        bad += 1; desk.console.complain($0)
      })
    {
      do throws(BadFile) {
        let file = try CaseFile(path)
        read += 1
        hear(file, at: desk, &scores)
        for subject in desk.subjects { differences.add(subject, on: file) }
      } catch {
        bad += 1
        desk.console.complain(error)
      }
    }
    if read > 0 { report(read, scores, differences, on: desk.console) }
    return bad > 0 ? .badFile : scores.hasFindings ? .findings : .nothing
  }

  private static func expand(_ paths: [String], _ complain: (BadFile) -> Void) -> [String] {
    paths.flatMap { path in
      do throws(BadFile) {
        return try caseFiles(at: path)
      } catch {
        complain(error)
        return []
      }
    }
  }

  private static func hear(_ file: CaseFile, at desk: Desk, _ scores: inout Scoreboard) {
    let hear = desk.judge(file.problem)
    for subject in desk.subjects {
      let outcome = hear(subject)
      scores.add(
        outcome, to: subject.name, as: subject.declaration.isControl ? .control : .accused, on: file.path)
    }
    guard !file.recorded.evaluation.results.isEmpty else { return }
    let outcome = hear(file.recorded)
    scores.add(
      outcome, to: "recorded: \(file.recorded.name)", as: file.recorded.isJudged ? .accused : .shown,
      on: file.path)
  }

  private static func report(
    _ count: Int, _ scores: Scoreboard, _ differences: DifferenceBoard, on console: Console
  ) {
    console.say("\(count) case\(count == 1 ? "" : "s")")
    for block in [scores.lines(on: console), differences.lines(on: console)] where !block.isEmpty {
      console.say()
      for line in block { console.say(line) }
    }
  }
}
