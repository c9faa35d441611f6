/// A shell that completes command lines.
package enum Shell: String, Sendable, CaseIterable {
  case bash, zsh, fish

  /// What the shell reads to complete those of gdr.
  ///
  /// - Parameters:
  ///   - commands: with their flags.
  ///   - names: of the implementations.
  package func script(_ commands: [Command], names: [String]) -> String {
    switch self {
    case .bash: BashCompletion(commands: commands, names: names).text
    case .zsh: ZshCompletion(commands: commands, names: names).text
    case .fish: FishCompletion(commands: commands, names: names).text
    }
  }
}

extension Command {
  /// `gdr completion bash|zsh|fish`.
  static let completion = Command(
    name: "completion", operands: Shell.allCases.map(\.rawValue).joined(separator: "|"),
    summary: "print what makes a shell complete gdr: eval \"$(gdr completion bash)\"", flags: []
  ) { arguments, context in
    let choices = Shell.allCases.map(\.rawValue)
    let text = try arguments.onlyOperand("bash, zsh or fish")
    guard let shell = Shell(rawValue: text) else { throw UsageError.unknownShell(text, choices: choices) }
    let names = (context.implementations + context.askedByName).map(\.name)
    context.console.give(String(shell.script(all, names: names).dropLast()))
    return .nothing
  }
}
