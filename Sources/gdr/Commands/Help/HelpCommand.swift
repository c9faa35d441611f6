/// The version of the tool.
let version = "0.2.0"

extension Command {
  /// `gdr help [COMMAND]`.
  static let help = Command(
    name: "help", operands: "[COMMAND]", summary: "this text, or the flags of one command", flags: []
  ) { arguments, context in
    let width = context.console.textWidth
    guard let name = arguments.operands.first else {
      for line in overview(width: width) { context.console.say(line) }
      return .nothing
    }
    guard let command = all.first(where: { $0.name == name }) else {
      throw UsageError.unknownCommand(name, nearest: nearest(to: name, in: all.map(\.name)))
    }
    for line in command.page(width: width) { context.console.say(line) }
    return .nothing
  }

  /// The usage of one command and what its verbs and flags mean, in lines of at most so many columns.
  package func page(width: Int) -> [String] {
    let verbs = verbs.map { verb in
      (head: "  " + [verb.name, verb.operands].filter { !$0.isEmpty }.joined(separator: " "), verb.summary)
    }
    let flags = flags.map { (head: "  --\($0.name)", $0.summary) }
    return usage(width: width) + [""] + filled(summary.split(separator: " "), first: width, rest: width)
      + Command.entries(verbs, width: width) + Command.entries(flags, width: width)
  }

  /// `gdr eval CASE.safetensors --implementation NAME --to OUT.safetensors [--double]`, broken between flags.
  package func usage(width: Int) -> [String] {
    let flags = flags.map { flag in
      let text = "--\(flag.name)" + (flag.kind.map { " " + $0 } ?? "")
      return flag.isRequired ? text : "[\(text)]" + (flag.repeats ? "..." : "")
    }
    let head = ["gdr", name, operands].filter { !$0.isEmpty }.joined(separator: " ")
    let lines = filled([head] + flags, first: width, rest: width - 4)
    return lines.prefix(1) + lines.dropFirst().map { "    " + $0 }
  }

  private static func overview(width: Int) -> [String] {
    let commands = all.map { command in
      (
        head: "  gdr " + [command.name, command.operands].filter { !$0.isEmpty }.joined(separator: " "),
        command.summary
      )
    }
    return ["gdr \(version): tests implementations of the gated delta rule"]
      + entries(commands, width: width)
      + ["", "gdr help COMMAND lists the flags of a command."]
      + ["Without a command: one minute of gdr fuzz --controls. Exit codes:"]
      + ExitCode.allCases.flatMap { code in
        listed("  \(code.rawValue)", code.summary, column: 7, width: width)
      }
  }

  /// Heads and what they mean, side by side as far as most heads are short; nothing for none.
  private static func entries(_ entries: [(head: String, summary: String)], width: Int) -> [String] {
    let longest = entries.map(\.head.count).filter { $0 <= 37 }.max() ?? 8
    return (entries.isEmpty ? [] : [""])
      + entries.flatMap { listed($0.head, $0.summary, column: longest + 2, width: width) }
  }
}
