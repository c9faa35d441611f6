import Foreign
import GatedDeltaRule
import Generator
import Oracle

extension Command {
  /// `gdr conform 'COMMAND'`.
  static let conform = Command(
    name: "conform", operands: "COMMAND",
    summary: "test a worker step by step and say what to fix",
    flags: [
      Flag(
        "deadline", "60s",
        summary: "time for one problem (60s); three times that, or 30s, for the first reply"),
      Flag.families,
    ] + Flag.restriction + [
      Flag(
        "echo", "BYTES",
        summary: "only time the pipe: the worker sends every frame of this size back as it came")
    ]
  ) { arguments, context in
    let command = try arguments.onlyOperand("COMMAND")
    guard command.contains(where: { !$0.isWhitespace }) else { throw UsageError.missingOperand("COMMAND") }
    if let bytes = try arguments.integer("echo", in: 4...1 << 28) {
      return try timePipe(command, bytes, context)
    }
    let patience = try arguments.duration("deadline").map(Program.Patience.init(problem:)) ?? .init()
    let (asked, families) = (try arguments.restriction(), try families(arguments))
    let line = ProgressLine()
    line.show("waiting for the first reply, at most \(short(patience.start / .seconds(1))) s")
    let begun = ContinuousClock.now
    let program = Program(name: "mine", command: command, patience: patience)
    line.clear()
    // One that says nothing is not asked the same again.
    if let silence = program.failure, .now - begun >= patience.start {
      context.console.say("FIX   says who it is: \(silence)")
      context.console.say("not ready")
      return .findings
    }
    let asking = JobProgress("asking what it takes")
    // What breaks down shows below, step by step.
    let taken =
      program.failure == nil
      ? (try? Taken(by: program, asked: asked, families: families, asking: { asking.note($0.text) }))
        .flatMap(\.self) : nil
    asking.clear()
    let sizes =
      taken.map { SpecimenSizes(of: $0.sample) } ?? families.first.map(SpecimenSizes.init) ?? .small
    let steps = JobProgress("asking it step by step")
    let conformance = Conformance(command: command, patience: patience, sizes: sizes)
    steps.clear()
    for step in conformance.steps { say(step, context) }
    if let words = taken?.words { context.console.say("note  takes \(words)") }
    guard conformance.passes, let taken else {
      context.console.say("not ready")
      return .findings
    }
    return SampleRun(program, taken, asked: asked, families: families).say(to: context) ? .nothing : .findings
  }

  private static func say(_ step: Conformance.Check, _ context: Context) {
    let (word, detail) =
      switch step.outcome {
      case .passed(let detail): ("ok  ", detail)
      case .noted(let detail): ("note", detail)
      case .failed(let detail): ("FIX ", detail)
      }
    context.console.say("\(word)  \(step.question)" + (detail.isEmpty ? "" : ": \(detail)"))
  }

  private static func timePipe(_ command: String, _ bytes: Int, _ context: Context) throws -> ExitCode {
    let rate: Double
    do {
      rate = try echoesPerSecond(command: command, bytes: bytes, during: .seconds(5))
    } catch {
      throw BadFile(path: command, error)
    }
    context.console.say("\(Int(rate)) round trips a second of \(bytes) bytes each way")
    return .nothing
  }
}
