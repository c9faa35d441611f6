import GatedDeltaRule
import Machine
import Synchronization

/// A program in any language as an implementation: `NAME=COMMAND`.
///
/// Every thread that has a problem takes a process that is idle, or starts one, and puts it back; where there may only be
/// so many of them at once, it waits for its turn. A process that
/// crashes, hangs or loses the thread of the conversation is ended and replaced; the problem is then put to a fresh
/// one, to see whether the problem or what went before is to blame.
public final class Program: Implementation {
  /// What a run may cost.
  public struct Patience: Sendable {
    /// For one problem.
    public var problem: Duration = .seconds(60)
    /// For the first reply, which waits for the libraries to load.
    public var start: Duration = .seconds(180)
    /// Processes that may be lost; one that hung counts for eight.
    public var losses = 64

    /// A minute for a problem, three to start, 64 losses.
    public init() {}

    /// So long for a problem; to start three times that, and half a minute at least: libraries take as long to load
    /// however small the problems are.
    public init(problem: Duration) {
      (self.problem, start) = (problem, max(problem * 3, .seconds(30)))
    }
  }

  /// As it stands before the `=`.
  public let name: String
  /// Its own name, its library and the version, as its first reply says them.
  public let summary: String
  /// What its first reply declares, for fp32 inputs.
  public let declaration: Declaration
  /// What a shell is given.
  public let command: String
  /// Why every problem is refused, or nil: a library that is missing, say.
  public let refusal: String?
  /// Why no problem is answered, or nil: no process ever said who it is.
  public let failure: String?

  private let declarations: [Precision: Declaration]
  private let patience: Patience
  private let inFlight: InFlight?
  private let run: Deadline?
  private let isBlind: Bool
  private let turns: Turns?
  private let idle = Mutex<[Worker]>([])
  private let losses = Atomic<Int>(0)
  private let lastLoss = Mutex("")
  private let answering = Mutex(Waiting())
  private let starting = Mutex(Waiting())

  /// How long something was waited for.
  private struct Waiting {
    /// The longest that it came after.
    var longest = Duration.zero
    /// The longest that it did not come in.
    var silence = Duration.zero
  }

  /// Starts one process and asks it who it is.
  ///
  /// - Parameters:
  ///   - processes: how many may be asked at once; nil for what its first reply says, or else one a thread.
  ///   - inFlight: where the recipe that is being evaluated is written down.
  ///   - run: when nobody waits for an answer any more, however long it may take; shared by all who take part in it.
  ///   - isBlind: whether nothing that it is told says how many problems there were before.
  public init(
    name: String, command: String, patience: Patience = Patience(), processes: Int? = nil,
    inFlight: InFlight? = nil, until run: Deadline? = nil, isBlind: Bool = false
  ) {
    (self.name, self.command, self.patience) = (name, command, patience)
    (self.inFlight, self.run, self.isBlind) = (inFlight, run, isBlind)
    var worker: Worker?
    var declared: Int?
    let begun = ContinuousClock.now
    do throws(WorkerFault) {
      let first = try Worker(command: command, run: run, isBlind: isBlind)
      worker = first
      let frame = try first.greet(deadline: patience.start)
      starting.withLock { $0.longest = .now - begun }
      let each: [Precision: Declaration]
      do throws(InvalidCase) {
        each = try Program.declarations(frame)
        declared = try frame.processes()
      } catch {
        throw .invalid(error)
      }
      (declarations, declaration) = (each, each[.fp32] ?? Declaration(offersDouble: false))
      let library = [frame.metadata["library"], frame.metadata["version"]].compactMap(\.self)
      summary = oneLine(
        ([frame.metadata["name"]].compactMap(\.self) + [library.joined(separator: " ")])
          .filter { !$0.isEmpty }.joined(separator: ", "))
      refusal = frame.metadata["refusal"].map { oneLine($0) }
      failure = nil
      idle.withLock { $0.append(first) }
    } catch {
      (declaration, declarations) = (Declaration(offersDouble: false), [:])
      (summary, refusal) = (command, nil)
      failure = "before the first problem, " + Program.sentence(error, worker)
    }
    turns = (processes ?? declared).map { Turns($0, until: run) }
  }

  /// What the first reply declares, for every format of the inputs.
  private static func declarations(_ frame: Frame) throws(InvalidCase) -> [Precision: Declaration] {
    var each: [Precision: Declaration] = [:]
    for input in Precision.allCases {
      var declaration = try Declaration(frame: frame, input: input)
      // The bound counts the operations of one known form; another form of the same class may cancel elsewhere.
      declaration.floor = 2 * max(Precision.fp32.unitRoundoff, declaration.products.unitRoundoff)
      each[input] = declaration
    }
    return each
  }

  /// The same for the format of the problem's inputs.
  public func declaration(for problem: Problem) -> Declaration {
    declarations[problem.primals.q.precision] ?? declaration
  }

  /// Only what it refuses altogether; the rest shows when it is asked.
  public func refusal(of problem: Problem) -> String? { refusal }

  /// - Throws: `Refusal`, also where a process cannot be started through no fault of the worker; `Interrupted` where the
  ///   run ends before the answer comes; `Breakdown` for everything else that is no answer.
  public func evaluate(_ problem: Problem, request: Request) throws -> Evaluation {
    let deadline = patience.problem
    return try asking(request) { worker throws(WorkerFault) in
      try worker.evaluate(problem, request, deadline: deadline)
    }
  }

  /// A step that the worker declares goes to it as it is; any other is made of plain calls.
  public func answer(_ step: Step, request: Request) throws -> StepAnswer {
    let steps = declaration.steps
    guard steps.contains(step) else { return try plainAnswer(step, request: request) }
    let deadline = patience.problem
    return try asking(request, preferring: steps.contains(.keptPool) ? step.pool : nil) {
      worker throws(WorkerFault) in
      try worker.answer(step, request, keepsPool: steps.contains(.keptPool), deadline: deadline)
    }
  }

  /// What is asked of a process, and comes of it.
  private typealias Question<Answer> = (Worker) throws(WorkerFault) -> Result<Answer, Refusal>

  /// Puts a question to an idle process, and once more to a fresh one if that breaks down.
  ///
  /// - Parameter pool: what the process should keep already, if any does.
  private func asking<Answer>(
    _ request: Request, preferring pool: Tensor? = nil, _ question: Question<Answer>
  ) throws -> Answer {
    if let refusal { throw Refusal(refusal) }
    if let failure { throw Breakdown(failure, isRepeatable: false) }
    guard losses.load(ordering: .relaxed) < patience.losses else {
      throw Refusal("given up after too many lost workers; the last: \(lastLoss.withLock { $0 })")
    }
    guard turns?.take() ?? true else { throw Interrupted() }
    defer { turns?.giveBack() }
    let note = inFlight?.enter(request.recipe)
    defer { note?.remove() }
    let worker: Worker
    do throws(WorkerFault) {
      worker = try take(preferring: pool)
    } catch {
      let reason = try breakdown(error, nil).description
      throw Breakdown("before the problem was asked, \(reason)", isRepeatable: false)
    }
    let answer: Result<Answer, Refusal>
    do throws(WorkerFault) {
      answer = try self.answer(of: worker, question)
    } catch {
      let breakdown = try breakdown(error, worker)
      guard worker.problems > 1 else { throw breakdown }
      do {
        throw try isRepeated(question)
          ? breakdown
          : Breakdown("\(breakdown); a fresh process answers the same problem", isRepeatable: false)
      } catch is Interrupted {
        throw Breakdown("\(breakdown); a fresh process was still waited for", isRepeatable: false)
      }
    }
    return try answer.get()
  }

  /// How long an answer was waited for that nobody waits for any more, since the time of the run was up.
  package var unanswered: Duration { answering.withLock { $0.silence } }

  /// The longest that an answer which came was waited for.
  package var longestAnswer: Duration { answering.withLock { $0.longest } }

  /// How long a process was waited for that said nothing, where that is far more than another took to start.
  package var unstarted: Duration {
    starting.withLock { $0.silence >= $0.longest * 3 ? $0.silence : .zero }
  }

  /// A worker computes in a process of its own.
  public var sharesMemory: Bool { false }

  /// Ends the processes that have answered before.
  public func startAfresh() { idle.withLock { $0 = [] } }

  /// Asks, and puts the worker back if it can be asked again.
  private func answer<Answer>(
    of worker: Worker, _ question: Question<Answer>
  ) throws(WorkerFault) -> Result<Answer, Refusal> {
    let begun = ContinuousClock.now
    do throws(WorkerFault) {
      let answer = try question(worker)
      answering.withLock { $0.longest = max($0.longest, .now - begun) }
      idle.withLock { $0.append(worker) }
      return answer
    } catch {
      if case .interrupted = error { answering.withLock { $0.silence = max($0.silence, .now - begun) } }
      // After many problems an unfit answer may be a stale one, so that only a fresh process is trusted again.
      if error.leavesPipeClean && worker.problems == 1 { idle.withLock { $0.append(worker) } }
      throw error
    }
  }

  /// Whether a fresh process fails on the problem as well.
  private func isRepeated<Answer>(_ question: Question<Answer>) throws -> Bool {
    var worker: Worker?
    do throws(WorkerFault) {
      let fresh = try start()
      worker = fresh
      _ = try answer(of: fresh, question)
      return false
    } catch {
      _ = try breakdown(error, worker)
      return true
    }
  }

  /// An idle process, that which keeps this pool if there is one, or a new one.
  private func take(preferring pool: Tensor?) throws(WorkerFault) -> Worker {
    let found = idle.withLock { idle in
      let place = pool.flatMap { pool in idle.lastIndex { $0.kept?.hasBits(of: pool) ?? false } }
      return place.map { idle.remove(at: $0) } ?? idle.popLast()
    }
    if let found { return found }
    return try start()
  }

  /// A new process that has said who it is. What is short here may be free again in a moment.
  private func start() throws(WorkerFault) -> Worker {
    var attempts = 0
    let begun = ContinuousClock.now
    while true {
      do throws(WorkerFault) {
        let worker = try Worker(command: command, run: run, isBlind: isBlind)
        _ = try worker.greet(deadline: patience.start)
        starting.withLock { $0.longest = max($0.longest, .now - begun) }
        return worker
      } catch {
        attempts += 1
        if case .interrupted = error { starting.withLock { $0.silence = max($0.silence, .now - begun) } }
        guard case .system = error, attempts < 5, run?.hasPassed != true else { throw error }
        usleep(100_000)
      }
    }
  }

  /// What a fault comes to; a process that cannot be asked again is counted as lost.
  ///
  /// - Throws: `Interrupted` or `Refusal` for what is no fault of the worker.
  private func breakdown(_ fault: WorkerFault, _ worker: Worker?) throws -> Breakdown {
    if case .interrupted = fault { throw Interrupted() }
    if fault.isOurs { throw Refusal("could not be asked: \(fault)") }
    if fault.leavesPipeClean { return Breakdown("\(fault)") }
    let cost = if case .hung = fault { 8 } else { 1 }
    losses.add(cost, ordering: .relaxed)
    let sentence = Program.sentence(fault, worker)
    lastLoss.withLock { $0 = sentence }
    return Breakdown(sentence)
  }

  /// The fault, and the last words of the worker.
  private static func sentence(_ fault: WorkerFault, _ worker: Worker?) -> String {
    let complaints = worker?.complaints ?? ""
    return complaints.isEmpty ? "\(fault)" : "\(fault); it said: \(complaints)"
  }
}
