extension Command {
  /// `gdr init-worker python|python-session|torch|swift|cpp`.
  static let initWorker = Command(
    name: "init-worker", operands: "python|python-session|torch|swift|cpp",
    summary: "print a worker to start from", flags: []
  ) { arguments, context in
    let language = try arguments.onlyOperand("python, python-session, torch, swift or cpp")
    guard let template = WorkerTemplate.all.first(where: { $0.language == language }) else {
      throw UsageError.unknownCommand("init-worker \(language)", nearest: nil)
    }
    // The console ends the last line itself.
    context.console.give(String(template.text.dropLast()))
    return .nothing
  }
}
