import Foundation
import Generator
import Machine
import Oracle

extension Command {
  /// `gdr corpus list|check|merge|prune|promote|add`.
  static let corpus = Command(
    name: "corpus", operands: corpusVerbs.map(\.name).joined(separator: "|") + " ...",
    summary: "list, check and edit the saved cases",
    flags: [
      Flag("corpus", "FOLDER", summary: "which corpus (Corpus)"),
      Flag("to", "regression|known", summary: "promote, add: to which shelf"),
      Flag("why", "SENTENCE", summary: "promote, add: why the case is kept"),
      Flag("only", "NAME", summary: "add: the implementation that the case is about"),
    ] + Flag.against, verbs: corpusVerbs
  ) { arguments, context in
    let corpus = Corpus(path: arguments.value("corpus") ?? "Corpus")
    let verb = try verb(arguments)
    let rest = Array(arguments.operands.dropFirst())
    // What the others write to, they make.
    if ["list", "check", "prune"].contains(verb), !Folder.isFolder(corpus.path) {
      throw BadFile(path: corpus.path, reason: "no such folder")
    }
    switch verb {
    case "list": return list(corpus, context)
    case "check": return check(corpus, context)
    case "merge": return try merge(rest, into: corpus, context)
    case "prune":
      let removed = try corpus.prune(simpler: Finding.isSimpler)
      for path in removed { context.console.say("removed \(path)") }
      context.console.say("\(removed.count) removed")
      return .nothing
    case "promote": return try promote(rest, arguments, in: corpus, context)
    case "add": return try add(rest, arguments, to: corpus, context)
    default: throw UsageError.unknownVerb(verb, nearest: nearest(to: verb, in: corpusVerbs.map(\.name)))
    }
  }

  private static let corpusVerbs = [
    Verb(name: "list", operands: "", summary: "what is saved, and why"),
    Verb(
      name: "check", operands: "", summary: "whether every recipe still gives the tensors that were recorded"),
    Verb(name: "merge", operands: "FOLDER...", summary: "take over what other corpora have"),
    Verb(name: "prune", operands: "", summary: "remove findings where a simpler one shows the same"),
    Verb(name: "promote", operands: "FILE", summary: "move a finding to the shelf --to, with a reason --why"),
    Verb(
      name: "add", operands: "RECIPE", summary: "save a case of --only on the shelf --to, with a reason --why"
    ),
  ]

  private static func verb(_ arguments: Arguments) throws(UsageError) -> String {
    guard let verb = arguments.operands.first else {
      throw .missingVerb(command: "corpus", verbs: corpusVerbs.map(\.name))
    }
    return verb
  }

  private static func complain(_ problems: [some CustomStringConvertible], _ context: Context) -> ExitCode {
    for problem in problems { context.console.complain(problem) }
    return problems.isEmpty ? .nothing : .badFile
  }

  private static func list(_ corpus: Corpus, _ context: Context) -> ExitCode {
    let (entries, problems) = corpus.load()
    for entry in entries {
      let finding = entry.finding
      context.console.say(
        "\(entry.shelf.rawValue)  \(finding.implementation) \(finding.expectation.rawValue)  \(finding.recipe)"
      )
      context.console.say("    \(finding.why)")
    }
    context.console.say("\(entries.count) saved")
    return complain(problems, context)
  }

  /// Every file parses, and every recipe renders to the tensors that were recorded.
  private static func check(_ corpus: Corpus, _ context: Context) -> ExitCode {
    let (entries, problems) = corpus.load()
    var code = complain(problems, context)
    let progress = JobProgress("cases", of: entries.count)
    defer { progress.clear() }
    for entry in entries {
      defer { progress.advance() }
      do {
        let digest = try Recipe(entry.finding.recipe).render().digest
        guard digest != entry.finding.digest else { continue }
        context.console.complain("\(entry.path): renders to \(digest), recorded \(entry.finding.digest)")
      } catch {
        context.console.complain("\(entry.path): \(error)")
      }
      code = .badFile
    }
    progress.clear()
    context.console.say("\(entries.count) saved, \(problems.count) unreadable")
    return code
  }

  private static func merge(_ folders: [String], into corpus: Corpus, _ context: Context) throws -> ExitCode {
    guard !folders.isEmpty else { throw UsageError.missingOperand("FOLDER") }
    var code = ExitCode.nothing
    for folder in folders {
      guard Folder.isFolder(folder) else {
        code = complain([BadFile(path: folder, reason: "no such folder")], context)
        continue
      }
      let (added, problems) = corpus.merge(Corpus(path: folder))
      for path in added { context.console.say("added \(path)") }
      context.console.say("\(folder): \(added.count) added")
      if complain(problems, context) == .badFile { code = .badFile }
    }
    return code
  }

  private static func promote(
    _ operands: [String], _ arguments: Arguments, in corpus: Corpus, _ context: Context
  ) throws -> ExitCode {
    let path = try only(operands, "FILE")
    let shelf = try shelf(arguments)
    let why = try why(arguments)
    do {
      let finding = try Corpus.read(path).get()
      if shelf == .regression { try requirePassing(finding, arguments, context) }
      let expectation = shelf == .regression ? .agrees : finding.expectation
      context.console.say(try corpus.promote(path, to: shelf, expectation: expectation, why: why))
    } catch let reason as UnreadableFinding {
      throw BadFile(path: path, reason: "\(reason)")
    } catch let kept as Corpus.Kept {
      throw BadFile(path: kept.path, reason: "\(kept)")
    }
    return .nothing
  }

  /// A case that still fails is no regression test. Where the implementation is not here, that is said.
  private static func requirePassing(
    _ finding: Finding, _ arguments: Arguments, _ context: Context
  ) throws {
    let context = try context.withWorkers(of: arguments)
    guard let one = try context.implementation(of: finding) else {
      context.console.say(
        "not evaluated: \(finding.implementation) is not here (--against 'NAME=COMMAND' brings a worker)")
      return
    }
    let recipe = try Recipe(finding.recipe)
    let result = try CrossCheck(recipe).judge(one, properties: .affordable(for: recipe))
    guard result.grade != .disagrees, result.grade != .failed else {
      throw UsageError.wrongShelf(Corpus.Shelf.regression.rawValue, verdict: result.grade.rawValue)
    }
  }

  /// Saves a recipe with the verdict that it has now; on the shelf of regressions it must pass.
  private static func add(
    _ operands: [String], _ arguments: Arguments, to corpus: Corpus, _ context: Context
  ) throws -> ExitCode {
    let context = try context.withWorkers(of: arguments)
    let recipe = try Recipe(only(operands, "RECIPE"))
    let shelf = try shelf(arguments)
    let implementation = try context.implementation(named: arguments.required("only", "NAME"))
    let result = try CrossCheck(recipe).judge(implementation, properties: .affordable(for: recipe))
    if case .refused(let reason) = result.judgement.verdict, result.judgement.lacksMemory {
      throw BadFile(path: recipe.text, reason: reason)
    }
    guard result.grade != .refused, (result.grade == .agrees) == (shelf == .regression) else {
      throw UsageError.wrongShelf(shelf.rawValue, verdict: result.grade.rawValue)
    }
    var finding = try Finding(recipe, result, why: why(arguments))
    finding.command = context.command(of: implementation.name)
    finding.law = context.law(of: implementation.name)
    do {
      context.console.say(try corpus.keep(finding, on: shelf))
    } catch let kept as Corpus.Kept {
      throw BadFile(path: kept.path, reason: "\(kept)")
    }
    return .nothing
  }

  /// The sentence that says why a case is kept.
  private static func why(_ arguments: Arguments) throws(UsageError) -> String {
    let why = try arguments.required("why", "SENTENCE")
    guard why.utf8.count <= 4000 else { throw .tooLong(flag: "why", bytes: why.utf8.count, limit: 4000) }
    return why
  }

  private static func only(_ operands: [String], _ kind: String) throws(UsageError) -> String {
    guard let operand = operands.first else { throw .missingOperand(kind) }
    if operands.count > 1 { throw .extraOperand(operands[1]) }
    return operand
  }

  private static func shelf(_ arguments: Arguments) throws(UsageError) -> Corpus.Shelf {
    let name = try arguments.required("to", "regression|known")
    guard let shelf = Corpus.Shelf(rawValue: name), shelf != .found else {
      throw .notAChoice(flag: "to", text: name, choices: ["regression", "known"])
    }
    return shelf
  }
}
