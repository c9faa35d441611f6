import Foreign
import GatedDeltaRule
import Machine
import Oracle

extension Command {
  /// `gdr check [FILE|DIRECTORY]...`.
  static let check = Command(
    name: "check", operands: "[FILE|DIRECTORY]...",
    summary: "judge every implementation on case files, and the results recorded in them",
    flags: Flag.against
  ) { arguments, context in
    let context = try context.withWorkers(of: arguments)
    let contract = try arguments.contract()
    let paths = arguments.operands.isEmpty ? ["Fixtures"] : arguments.operands
    var (scores, differences) = (Scoreboard(), DifferenceBoard())
    var (read, bad) = (0, 0)
    let files = expand(paths) {
      bad += 1
      context.console.complain($0)
    }
    let progress = JobProgress("files", of: files.count)
    defer { progress.clear() }
    for path in files {
      defer { progress.advance() }
      do throws(BadFile) {
        let file = try CaseFile(path, contract: contract)
        read += 1
        judge(file, in: context, &scores)
        for implementation in context.implementations { differences.add(implementation, on: file) }
      } catch {
        bad += 1
        progress.hide()
        context.console.complain(error)
      }
    }
    progress.clear()
    if read > 0 { report(read, scores, differences, on: context.console) }
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

  private static func judge(_ file: CaseFile, in context: Context, _ scores: inout Scoreboard) {
    let judge = context.judge(file.problem)
    for implementation in context.implementations {
      let result = judge(implementation)
      let isControl = implementation.declaration.isControl
      scores.add(
        result, to: implementation.name, as: isControl ? .control : .tested, on: file.path,
        hint: isControl ? nil : hint(result, of: implementation, on: file.problem),
        pattern: isControl ? [] : pattern(result, of: implementation, on: file.problem))
    }
    guard !file.recorded.evaluation.results.isEmpty else { return }
    let result = judge(file.recorded)
    scores.add(
      result, to: "recorded: \(file.recorded.name)", as: file.recorded.isJudged ? .tested : .shown,
      on: file.path, hint: hint(result, of: file.recorded, on: file.problem),
      pattern: pattern(result, of: file.recorded, on: file.problem))
  }

  /// Which elements are off.
  private static func pattern(
    _ result: CaseResult, of implementation: any Implementation, on problem: Problem
  ) -> [String] {
    guard case .disagrees = result.judgement.verdict else { return [] }
    let pattern = ErrorPattern(result, of: implementation, on: CrossCheck(problem))
    return pattern.map { Report.lines($0, named: "here") } ?? []
  }

  /// The rule that answers were made by, or what of the inputs may be misunderstood.
  private static func hint(
    _ result: CaseResult, of implementation: any Implementation, on problem: Problem
  ) -> String? {
    guard case .disagrees = result.judgement.verdict, let answers = result.evaluation else { return nil }
    let declaration = implementation.declaration(for: problem, answering: answers)
    if let contract = OtherRule.contract(of: answers, to: problem, declaration) {
      return "right under --contract \(contract)"
    }
    let longest = problem.longestKey
    guard problem.contract.queryKey == .given, longest > 1.5 else { return nil }
    return "keys are as long as \(short(longest)), not units, and are taken as they are"
  }

  private static func report(
    _ count: Int, _ scores: Scoreboard, _ differences: DifferenceBoard, on console: Console
  ) {
    console.say(counted(count, "case"))
    for block in [scores.lines(on: console), differences.lines(on: console)] where !block.isEmpty {
      console.say()
      for line in block { console.say(line) }
    }
  }
}
