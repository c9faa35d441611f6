/// The version of the tool.
let version = "0.1.0"

extension Command {
  /// `gdr help [COMMAND]`.
  static let help = Command(
    name: "help", operands: "[COMMAND]", summary: "this text, or that of one command", flags: []
  ) { arguments, desk in
    guard let name = arguments.operands.first else {
      for line in overview { desk.console.say(line) }
      return .nothing
    }
    guard let command = all.first(where: { $0.name == name }) else {
      throw UsageError.unknownCommand(name, nearest: nearest(to: name, in: all.map(\.name)))
    }
    for line in command.page { desk.console.say(line) }
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
    let width = all.map(\.usage.count).max() ?? 0
    return ["gdr \(version): a court for implementations of the gated delta rule", ""]
      + all.map { "  \($0.usage.padding(to: width))  \($0.summary)" }
      + ["  \("gdr --version".padding(to: width))  the version", ""]
      + ["Without a command: a minute of fuzz with the controls. Exit codes:"]
      + ExitCode.allCases.map { "  \(String($0.rawValue).padding(to: 3))  \($0.summary)" }
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
