import GatedDeltaRule
import Machine

/// A worker examined step by step: what it does, and what there is to correct.
public struct Conformance: Sendable {
  /// One thing that was asked.
  public struct Check: Sendable {
    /// What.
    public let question: String
    /// What came of it.
    public let outcome: Outcome
  }

  /// What a check comes to.
  public enum Outcome: Hashable, Sendable {
    /// As it should be; with what was seen.
    case passed(String)
    /// Allowed, and worth knowing.
    case noted(String)
    /// What is wrong and how to correct it.
    case failed(String)
  }

  /// In the order they were asked; after a failure that ended the worker there are no more.
  public private(set) var steps: [Check] = []
  /// Whether nothing has to be mended.
  public var passes: Bool {
    !steps.contains { if case .failed = $0.outcome { true } else { false } }
  }

  let patience: Program.Patience
  /// Of the problems; steps of sessions have the small ones.
  let sizes: SpecimenSizes
  private(set) var declaration = Declaration(offersDouble: false)
  private(set) var level = Level.core
  private(set) var decay = DecayKind.scalar
  /// The rule that the worker is asked for: its own.
  var contract: Contract { declaration.contract ?? .plain }

  /// Starts the command and asks it everything.
  ///
  /// - Parameter sizes: that it takes, where that is known.
  public init(command: String, patience: Program.Patience = .init(), sizes: SpecimenSizes = .small) {
    (self.patience, self.sizes) = (patience, sizes)
    var worker: Worker?
    do throws(WorkerFault) {
      let started = try Worker(command: command)
      worker = started
      try examine(started)
    } catch {
      let complaints = worker.map { " Its standard error: \($0.complaints)" } ?? ""
      add("goes on answering", .failed("\(error). \(Conformance.advice(error))\(complaints)"))
    }
  }

  mutating func add(_ question: String, _ outcome: Outcome) {
    steps.append(Check(question: question, outcome: outcome))
  }

  private mutating func examine(_ worker: Worker) throws(WorkerFault) {
    let hello = try worker.greet(deadline: patience.start)
    do throws(InvalidCase) {
      declaration = try Declaration(frame: hello)
      add(
        "says hello",
        .passed(
          oneLine(
            hello.metadata.sorted { $0.key < $1.key }.filter { $0.key != "id" }
              .map { "\($0.key): \($0.value)" }.joined(separator: ", "))))
    } catch {
      add("says hello", .failed("\(error)"))
      // By a rule that it did not declare a right answer is wrong.
      return add("the rest", .noted("not run: the hello is not understood"))
    }
    if let refusal = hello.metadata["refusal"] {
      return add(
        "takes any problem",
        .failed(
          "none: \(oneLine(refusal)). Correct what keeps the kernel from running; where only some problems are not for it, "
            + "refuse each in the reply to that problem, not in the reply to hello."))
    }
    try askForEverything(worker)
    try askTwice(worker)
    if declaration.offersDouble { try askInDouble(worker) }
    for variation in Specimen.Variation.allCases { try ask(worker, variation) }
    try askForSteps(worker)
    _ = try worker.greet(deadline: patience.start)
    add("prints nothing between replies", .passed(""))
    switch worker.dismiss(patience: .seconds(2)) {
    case .exited(0): add("ends when its input ends", .passed(""))
    case let ending?:
      add("ends when its input ends", .noted("\(WorkerFault.ended(ending))"))
    case nil:
      add("ends when its input ends", .failed("it was still there after two seconds: stop at end of file"))
    }
  }

  /// Names, shapes and types of a plain problem; it also finds out which level and which decay the worker takes.
  private mutating func askForEverything(_ worker: Worker) throws(WorkerFault) {
    let question = "answers a problem"
    for level in Level.allCases {
      for decay in DecayKind.allCases {
        (self.level, self.decay) = (level, decay)
        let words = "\(level.rawValue) level" + (decay == .perChannel ? ", a decay per key channel" : "")
        switch try answer(worker, specimen().problem, Request()) {
        case .refused(let reason): add("takes the \(words)", .noted("refuses: \(reason)"))
        case .unfit(let reason): return add(question, .failed(reason))
        case .results(let evaluation): return examine(evaluation, of: words, question)
        }
      }
    }
    let rule = contract == .plain ? "a plain problem" : "a problem of the contract \(contract)"
    add(question, .failed("refuses \(rule) at either level: B 2, T 5, \(sizes)"))
  }

  /// Whether a plain problem's answer has everything.
  private mutating func examine(_ evaluation: Evaluation, of words: String, _ question: String) {
    let missing = [Quantity.y, .stateOut].filter { evaluation[$0] == nil }.map(\.rawValue)
    guard missing.isEmpty else {
      return add(
        question, .failed("\(missing.joined(separator: " and ")) missing: every answer has both"))
    }
    guard evaluation.results.values.allSatisfy({ $0.values.allSatisfy(\.isFinite) }) else {
      return add(question, .failed("some results are not finite on a plain problem"))
    }
    let names = evaluation.results.keys.map(\.rawValue).sorted().joined(separator: " ")
    add(question, .passed("\(words): \(names)"))
    let absent = contract.quantities(at: level).filter { $0.isGradient && evaluation[$0] == nil }
    if !absent.isEmpty {
      add("has every gradient", .noted("not judged: \(absent.map(\.rawValue).joined(separator: " "))"))
    }
  }

  /// Of the level and the decay that it takes, and of its rule.
  private func specimen(T: Int = 5, varied variation: Specimen.Variation? = nil) -> Specimen {
    Specimen(level: level, decay: decay, T: T, varied: variation, sizes: sizes, contract: contract)
  }

  private mutating func askTwice(_ worker: Worker) throws(WorkerFault) {
    let question = "gives the same bits again, whatever came between"
    let (plain, other) = (specimen().problem, specimen(T: 9).problem)
    let first = try answer(worker, plain, Request())
    _ = try answer(worker, other, Request())
    let second = try answer(worker, plain, Request())
    guard case .results(let a) = first, case .results(let b) = second else { return }
    let differing = a.results.keys.filter { a[$0] != b[$0] }.map(\.rawValue).sorted()
    add(
      question,
      differing.isEmpty
        ? .passed("")
        : .failed("\(differing.joined(separator: " ")) changed: is something kept from problem to problem?"))
  }

  private mutating func askInDouble(_ worker: Worker) throws(WorkerFault) {
    let question = "runs in fp64 when asked"
    switch try answer(worker, specimen().problem, Request(arithmetic: .double)) {
    case .refused(let reason): add(question, .noted("declares it and refuses: \(reason)"))
    case .unfit(let reason): add(question, .failed(reason))
    case .results(let evaluation):
      let narrow = evaluation.results.filter { $0.value.precision != .fp64 }.keys.map(\.rawValue).sorted()
      add(
        question,
        narrow.isEmpty ? .passed("") : .failed("\(narrow.joined(separator: " ")) not of type F64"))
    }
  }

  private mutating func ask(_ worker: Worker, _ variation: Specimen.Variation) throws(WorkerFault) {
    let specimen = specimen(varied: variation)
    let request = Request(gradients: variation != .noGradients)
    switch try answer(worker, specimen.problem, request) {
    case .refused(let reason): add(variation.rawValue, .noted("refuses: \(reason)"))
    case .unfit(let reason): add(variation.rawValue, .failed(reason))
    case .results: add(variation.rawValue, .passed(""))
    }
  }

  private enum Answer {
    case results(Evaluation)
    case refused(String)
    case unfit(String)
  }

  /// - Throws: a fault after which the worker cannot be asked again.
  private func answer(_ worker: Worker, _ problem: Problem, _ request: Request) throws(WorkerFault) -> Answer
  {
    do throws(WorkerFault) {
      switch try worker.evaluate(problem, request, deadline: patience.problem) {
      case .success(let evaluation):
        guard evaluation.memory.isEmpty else { throw .memory(evaluation.memory) }
        return .results(evaluation)
      case .failure(let refusal): return .refused(refusal.description)
      }
    } catch {
      guard error.leavesPipeClean else { throw error }
      return .unfit("\(error)")
    }
  }

  /// How to correct what ended the conversation.
  private static func advice(_ fault: WorkerFault) -> String {
    switch fault {
    case .malformed, .unasked:
      "Move standard output away before any library is loaded: duplicate descriptor 1 for the replies, then point 1 at 2."
    case .wrongID: "Copy id from the request's metadata into the reply's."
    case .hung: "Flush the reply; read exactly 8 + N + data bytes of a request, not to the end of the input."
    case .ended: "Answer error: ... instead of ending, and go on until the input ends."
    case .tooLarge: "Send results only, each with the shape it must have."
    case .closed: "Leave it open until the input ends."
    case .notRun: "Try the command in a shell."
    case .system, .invalid, .error, .memory, .interrupted: ""
    }
  }
}

/// Frames a second that a worker echoes which sends every frame back as it came: the speed of the pipe itself.
public func echoesPerSecond(command: String, bytes: Int, during duration: Duration) throws -> Double {
  let child = try Child(command: command)
  let count = max(bytes / 4, 1)
  let frame = Frame(entries: ["y": .numbers(Tensor(shape: [count]))]).encoded()
  _ = try child.exchange(frame, limit: 4 * count, deadline: .seconds(60))
  let clock = ContinuousClock()
  let start = clock.now
  var rounds = 0
  while clock.now - start < duration {
    _ = try child.exchange(frame, limit: 4 * count, deadline: .seconds(60))
    rounds += 1
  }
  return Double(rounds) / ((clock.now - start) / .seconds(1))
}
