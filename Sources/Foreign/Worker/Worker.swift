import GatedDeltaRule
import Machine

/// One process that answers problems, one after the other.
///
/// It is used by one thread at a time: whoever takes it from the pool of its `Program`.
final class Worker: @unchecked Sendable {
  private let child: Child
  /// Problems that it was given.
  var problems = 0
  /// The session that it keeps a pool of, and how many there were.
  var session = "0", sessions = 0
  /// That pool as its last answer had it, or nil where nothing is known of it.
  var kept: Tensor?
  /// How long the last reply was waited for, from the first byte of the question to the last of the reply.
  private(set) var waited = Duration.zero
  private var requests = 0
  /// Whether nothing that it is told says how many questions there were before.
  private let isBlind: Bool
  /// The contract that it declared, and its own spelling of it.
  private var declared: (contract: Contract, text: String)?

  /// Starts the process; nothing is said yet.
  ///
  /// - Parameters:
  ///   - run: when nobody waits for a reply any more.
  ///   - isBlind: whether it is not told which question is which.
  init(command: String, run: Deadline? = nil, isBlind: Bool = false) throws(WorkerFault) {
    self.isBlind = isBlind
    child = try Child(command: command, run: run)
  }

  /// What it complained of last, in one line.
  var complaints: String {
    child.readComplaints()
    return child.complaints.line
  }

  /// Asks who it is.
  func greet(deadline: Duration) throws(WorkerFault) -> Frame {
    do throws(WorkerFault) {
      let reply = try ask(Frame(metadata: ["request": "hello"]), limit: 0, deadline: deadline)
      declared = reply.metadata["contract"].flatMap { text in (try? Contract(text)).map { ($0, text) } }
      return reply
    } catch .ended(.exited(let status)) where [126, 127].contains(status) {
      throw .notRun(status: status)
    }
  }

  /// Results, or a refusal.
  ///
  /// - Throws: a `WorkerFault` for everything else.
  func evaluate(
    _ problem: Problem, _ request: Request, deadline: Duration
  ) throws(WorkerFault) -> Result<Evaluation, Refusal> {
    problems += 1
    var frame = Frame(problem)
    frame.metadata["request"] = "evaluate"
    frame.metadata["gradients"] = request.gradients ? "yes" : "no"
    put(request, contract: problem.contract, in: &frame)
    let reply = try ask(frame, limit: Worker.limit(problem), deadline: deadline, order: request.order)
    if let reason = reply.metadata["refusal"] { return .failure(Refusal(oneLine(reason))) }
    do throws(InvalidCase) {
      var evaluation = try Evaluation(
        frame: reply, shape: problem.shape, contract: problem.contract)
      try evaluation.take(declaredIn: reply)
      evaluation.seconds = Worker.seconds(reply.metadata["seconds"])
      evaluation.clocked = waited / .seconds(1)
      evaluation.peakBytes = Worker.bytes(reply.metadata["peak_bytes"])
      evaluation.memory = reply.memory
      return .success(evaluation)
    } catch {
      throw .invalid(error)
    }
  }

  /// What is asked besides the problem.
  func put(_ request: Request, contract: Contract, in frame: inout Frame) {
    frame.metadata["arithmetic"] = request.arithmetic.rawValue
    frame.metadata["recipe"] = request.recipe
    // A worker that compares texts knows its own.
    if frame.metadata["contract"] != nil, let declared, declared.contract == contract {
      frame.metadata["contract"] = declared.text
    }
  }

  /// Closes its input and waits so long for it to end by itself; nil if it had to be killed.
  func dismiss(patience: Duration) -> Ending? {
    child.hangUp()
    return child.process.end(after: patience)
  }

  /// What it says that it took; what can be no time, and no day is so long, is left aside.
  private static func seconds(_ text: String?) -> Double? {
    text.flatMap { Double($0) }.flatMap { $0 > 0 && $0 <= 86_400 ? $0 : nil }
  }

  /// The same of its memory, of which no computer has a pebibyte.
  private static func bytes(_ text: String?) -> Int? {
    text.flatMap { Int($0) }.flatMap { (0...1 << 50).contains($0) ? $0 : nil }
  }

  /// Bytes that the results of a problem have in fp64, and half as many again: a reply may be mistaken, and is
  /// read to its end to say how, but not at any size.
  private static func limit(_ problem: Problem) -> Int {
    let counts = Quantity.all(at: problem.level).map { $0.shape(in: problem.shape).reduce(1, *) }
    return counts.reduce(0, +) * 12 + 1 << 16
  }

  /// What it is told a number is: the number itself, or where it must not know that, one that says nothing.
  func named(_ number: Int) -> String {
    String(isBlind ? UInt64.random(in: 0...UInt64.max) : UInt64(number))
  }

  /// Sends a question and reads the reply to it.
  ///
  /// - Parameter order: in which its tensors lie.
  func ask(
    _ question: Frame, limit: Int, deadline: Duration, order: UInt64 = 0
  ) throws(WorkerFault) -> Frame {
    requests += 1
    var question = question
    let id = named(requests)
    question.metadata["id"] = id
    if question.metadata["protocol"] == nil { question.put(.plain) }
    let bytes = question.encoded(order: order)
    let start = ContinuousClock.now
    let reply = try child.exchange(bytes, limit: limit, deadline: deadline)
    waited = .now - start
    let frame: Frame
    do throws(MalformedFrame) {
      frame = try Frame(header: reply.header, data: child.buffer[reply.data])
    } catch {
      throw .malformed(error)
    }
    guard frame.metadata["id"] == id else { throw .wrongID(found: frame.metadata["id"], expected: id) }
    if let reason = frame.metadata["error"] { throw .error(oneLine(reason)) }
    return frame
  }
}
