/// The version of the tool.
let version = "0.1.0"

extension Command {
  /// `gdr help [COMMAND]`.
  static let help = Command(
    name: "help", operands: "[COMMAND]", summary: "this text, or the flags of one command", flags: []
  ) { arguments, context in
    guard let name = arguments.operands.first else {
      for line in overview { context.console.say(line) }
      return .nothing
    }
    guard let command = all.first(where: { $0.name == name }) else {
      throw UsageError.unknownCommand(name, nearest: nearest(to: name, in: all.map(\.name)))
    }
    for line in command.page { context.console.say(line) }
    return .nothing
  }

  /// The usage of one command and what its flags mean.
  var page: [String] {
    let width = flags.map { $0.name.count }.max() ?? 0
    return [usage, "", summary]
      + (flags.isEmpty ? [] : [""])
      + flags.map { "  --\($0.name.padding(to: width))  \($0.summary)" }
  }

  private static var overview: [String] {
    let names = all.map { [$0.name, $0.operands].filter { !$0.isEmpty }.joined(separator: " ") }
    let width = names.map(\.count).max() ?? 0
    return ["gdr \(version): tests implementations of the gated delta rule", ""]
      + zip(all, names).map { "  gdr \($1.padding(to: width))  \($0.summary)" }
      + ["", "gdr help COMMAND lists the flags of a command."]
      + ["Without a command: one minute of gdr fuzz --controls. Exit codes:"]
      + ExitCode.allCases.map { "  \(String($0.rawValue).padding(to: 3))  \($0.summary)" }
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
