import Foreign
import Foundation
import GatedDeltaRule
import Generator
import Machine
import Oracle

extension Command {
  /// `gdr repro RECIPE|FILE`: the case as a script that needs no gdr.
  static let repro = Command(
    name: "repro", operands: "RECIPE|FILE",
    summary: "print a Python script that shows a case without gdr",
    flags: [
      Flag(
        "for", "torch|numpy|mlx", summary: "what the script is written in (torch; numpy has no gradients)"),
      Flag("as", "LAW", summary: "what is allowed: chunked:64,products:bf16 (by default plain fp32)"),
      Flag(
        "to", "FILE.py", file: .written,
        summary: "where it goes; a large case lies beside it, as .safetensors"),
      Flag("markdown", summary: "print a bug report: what is wrong, and the script, in Markdown"),
      Flag("only", "NAMES", needs: "markdown", summary: "of these implementations; for --markdown"),
    ] + Flag.against.filter { $0.name != "as" }
  ) { arguments, context in
    if arguments.has("markdown") { return try report(arguments, context) }
    let operand = try arguments.onlyOperand("RECIPE or FILE")
    let framework = try framework(arguments)
    var named = try NamedCase(operand, arguments)
    let takesFactors = named.takeFactors()
    let (recipe, finding) = (named.recipe, named.finding)
    try check(named, operand)
    if let path = arguments.value("to"), !path.hasSuffix(".py") {
      throw UsageError.notAChoice(flag: "to", text: path, choices: ["a name that ends in .py"])
    }
    let judged = try implementation(arguments, finding, context)
    let script = try ReproScript(recipe, framework, for: judged, why: finding?.why)
    if takesFactors {
      context.console.complain(
        "the script gives g, the factor of the decay, where the case gives its logarithm")
    }
    guard let path = arguments.value("to") else {
      guard script.isSmall else {
        throw BadFile(
          path: operand, reason: "\(script.count) numbers are too many for one file: --to FILE.py writes two")
      }
      // The console ends the last line itself.
      context.console.give(String(script.text(beside: nil).dropLast()))
      return .nothing
    }
    try write(script, to: path, context)
    return .nothing
  }

  /// Refuses what a script cannot show.
  static func check(_ named: NamedCase, _ operand: String) throws(BadFile) {
    let (recipe, finding) = (named.recipe, named.finding)
    guard recipe.calls == nil else {
      throw BadFile(path: operand, reason: "a script holds one call, and this is a session of several")
    }
    guard recipe.contract == .plain else {
      throw BadFile(
        path: operand, reason: "a script holds the plain rule, and this is --contract \(recipe.contract)")
    }
    if let kind = finding?.kind, Property.named(kind) != nil {
      throw BadFile(
        path: operand, reason: "a script compares with the rule, and this is a finding of the law \(kind)")
    }
  }

  static func framework(_ arguments: Arguments) throws(UsageError) -> ReproScript.Framework {
    guard let name = arguments.value("for") else { return .torch }
    guard let framework = ReproScript.Framework(rawValue: name) else {
      throw .notAChoice(flag: "for", text: name, choices: ReproScript.Framework.allCases.map(\.rawValue))
    }
    return framework
  }

  /// What says how much is allowed: the implementation that a finding names, or the plainest, under the law of `--as`.
  static func implementation(
    _ arguments: Arguments, _ finding: Finding?, _ context: Context
  ) throws -> any Implementation {
    let name = finding?.implementation
    let named =
      try context.implementations.first { $0.name == name } ?? context.implementation(named: "sequential")
    if let law = try arguments.law() { return UnderLaw(named, law) }
    return try finding?.law.map { UnderLaw(named, try Law($0)) } ?? named
  }

  private static func write(_ script: ReproScript, to path: String, _ context: Context) throws {
    let data = URL(fileURLWithPath: path).deletingPathExtension().path + ".safetensors"
    let name = URL(fileURLWithPath: data).lastPathComponent
    do {
      if !script.isSmall { try script.frame.write(to: data) }
      try AtomicFile.write(Data(script.text(beside: script.isSmall ? nil : name).utf8), to: path)
    } catch {
      throw BadFile(path: path, error)
    }
    context.console.say(path + (script.isSmall ? "" : ", and its numbers in \(data)"))
  }
}
