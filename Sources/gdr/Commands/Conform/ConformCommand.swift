import Foreign

extension Command {
  /// `gdr conform 'COMMAND'`.
  static let conform = Command(
    name: "conform", operands: "COMMAND", summary: "test a worker step by step and say what to fix",
    flags: [
      Flag(
        "deadline", "60s",
        summary: "time for one problem (60s); three times that, or 30s, for the first reply"),
      Flag(
        "echo", "BYTES",
        summary: "only time the pipe: the worker sends every frame of this size back as it came"),
    ]
  ) { arguments, context in
    let command = try arguments.onlyOperand("COMMAND")
    if let bytes = try arguments.integer("echo", in: 4...1 << 28) {
      let rate: Double
      do {
        rate = try echoesPerSecond(command: command, bytes: bytes, during: .seconds(5))
      } catch {
        throw BadFile(path: command, error)
      }
      context.console.say("\(Int(rate)) round trips a second of \(bytes) bytes each way")
      return .nothing
    }
    let patience = try arguments.duration("deadline").map(Program.Patience.init(problem:)) ?? .init()
    let conformance = Conformance(command: command, patience: patience)
    for step in conformance.steps {
      let (word, detail) =
        switch step.outcome {
        case .passed(let detail): ("ok  ", detail)
        case .noted(let detail): ("note", detail)
        case .failed(let detail): ("FIX ", detail)
        }
      context.console.say("\(word)  \(step.question)" + (detail.isEmpty ? "" : ": \(detail)"))
    }
    context.console.say(conformance.passes ? "ready: gdr fuzz --against NAME=COMMAND" : "not ready")
    return conformance.passes ? .nothing : .findings
  }
}
