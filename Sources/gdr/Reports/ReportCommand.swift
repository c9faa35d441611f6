import Oracle

extension Command {
  /// `gdr report`.
  static let report = Command(
    name: "report", operands: "RUN.json...", summary: "what a run came to, from its record", flags: []
  ) { arguments, desk in
    let record = try union(arguments.operands)
    for line in Report.lines(record) { desk.console.say(line) }
    return .nothing
  }
}
