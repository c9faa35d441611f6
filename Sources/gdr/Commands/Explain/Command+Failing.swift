import GatedDeltaRule
import Generator
import Machine
import Oracle

extension Command {
  /// Every implementation that fails on the operand; controls too, since the user names the case.
  ///
  /// - Parameters:
  ///   - name: the command, as a person types it.
  ///   - silence: says that nothing fails; not where the lines are for a report.
  ///   - tell: prints what there is to say of one.
  ///   - body: what there is to say, in lines; is given the context that knows the workers of the command line as well.
  static func forEachFailing(
    _ arguments: Arguments, _ context: Context, for name: String,
    silence: (Console, String) -> Void = { $0.say($1) },
    tell: (Console, [String]) -> Void = { console, lines in for line in lines { console.say(line) } },
    _ body: (Context, Recipe, any Implementation, CaseResult) throws -> [String]
  ) throws -> ExitCode {
    let operand = try arguments.onlyOperand("RECIPE or FILE")
    let context = try context.withWorkers(of: arguments)
    var tested = try implementations(arguments, context)
    if arguments.value("only") == nil, context.workers.isEmpty { tested = context.implementations }
    let named = try NamedCase(operand, arguments)
    if let finding = named.finding, arguments.value("only") == nil {
      tested = try context.implementation(of: finding).map { [$0] } ?? []
      if tested.isEmpty {
        let line = finding.command.map {
          ": gdr \(name) \(operand.shellWord) \(Report.against(finding.implementation, $0))"
        }
        throw BadFile(
          path: operand, reason: "it is about \(finding.implementation), which is not here\(line ?? "")")
      }
    }
    let parsed = named.recipe
    let check = try CrossCheck(parsed)
    var hasFailures = false
    var isEvaluated = false
    var refusing: [String] = []
    let progress = JobProgress(name, of: tested.count)
    defer { progress.clear() }
    for implementation in tested {
      progress.note(implementation.name)
      defer { progress.advance() }
      let result = check.judge(implementation, properties: .all, weighsEvidence: true)
      if case .refused(let reason) = result.judgement.verdict {
        if result.judgement.lacksMemory {
          progress.hide()
          context.console.complain("\(implementation.name): \(reason)")
        } else {
          refusing.append(implementation.name)
        }
        continue
      }
      isEvaluated = true
      guard result.failure != nil else { continue }
      hasFailures = true
      let lines = try body(context, parsed, implementation, result)
      progress.hide()
      tell(context.console, lines)
    }
    progress.clear()
    guard isEvaluated else {
      if !refusing.isEmpty {
        context.console.complain("nothing was evaluated: refused by \(refusing.joined(separator: ", "))")
      }
      return .badFile
    }
    if !hasFailures { silence(context.console, "no implementation fails on \(parsed.text)") }
    return hasFailures ? .findings : .nothing
  }
}
