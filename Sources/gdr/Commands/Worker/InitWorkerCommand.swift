/// Workers to begin with, each a program that runs as it is.
package enum Template {
  /// By the word a person types.
  package static let all: [(language: String, text: String)] = [
    ("python", python), ("swift", swift), ("cpp", cpp),
  ]
}

extension Command {
  /// `gdr init-worker python|swift|cpp`.
  static let initWorker = Command(
    name: "init-worker", operands: "python|swift|cpp", summary: "print a worker to begin with", flags: []
  ) { arguments, desk in
    let language = try arguments.onlyOperand("python, swift or cpp")
    guard let template = Template.all.first(where: { $0.language == language }) else {
      throw UsageError.unknownCommand("init-worker \(language)", nearest: nil)
    }
    desk.console.say(template.text)
    return .nothing
  }
}
