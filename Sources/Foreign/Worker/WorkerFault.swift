import GatedDeltaRule
import Machine

/// What a worker did instead of answering.
enum WorkerFault: Error, Hashable, Sendable {
  case system(SystemFailure)
  /// The shell could not run the command, with this status.
  case notRun(status: Int32)
  case ended(Ending)
  /// It closed this stream and went on.
  case closed(String)
  /// Whether the process that was started has ended well meanwhile, and another that it started holds its pipes.
  case hung(seconds: Double, hasLeft: Bool)
  /// The run came to its end.
  case interrupted
  case malformed(MalformedFrame)
  case tooLarge(bytes: Int, limit: Int)
  case unasked(text: String)
  case wrongID(found: String?, expected: String)
  case invalid(InvalidCase)
  case error(String)
  /// What was seen of its memory in a step.
  case memory([String])

  /// Whether it says nothing of the worker: no processes or descriptors left here, or a command that is not there.
  var isOurs: Bool {
    switch self {
    case .system, .notRun: true
    default: false
    }
  }

  /// Whether the next reply may still be told from this one.
  var leavesPipeClean: Bool {
    switch self {
    case .invalid, .error, .memory: true
    default: false
    }
  }
}

extension WorkerFault: CustomStringConvertible {
  /// One line for a person.
  var description: String {
    switch self {
    case .system(let failure): "\(failure)"
    case .notRun(let status): "the shell exited with status \(status): it cannot run the command"
    case .ended(.exited(let status)): "the worker exited with status \(status)"
    case .ended(.unknown): "the worker ended"
    case .closed(let stream): "the worker closed its \(stream) and went on running"
    case .ended(.killed(let number)):
      "the worker was killed by signal \(number) (\(String(cString: strsignal(number))))"
    case .hung(let seconds, let hasLeft):
      "no reply within \(short(seconds)) s"
        + (hasLeft ? "; the worker has exited with status 0, and what it started holds its pipe" : "")
    case .interrupted: Interrupted().description
    case .malformed(let reason): "the reply is no frame: \(reason)"
    case .tooLarge(let bytes, let limit):
      "the reply claims \(bytes) bytes of values, this problem's results have at most \(limit)"
    case .unasked(let text):
      "the worker wrote to its standard output what is no reply: \(quoted(text)); a print that was not moved away?"
    case .wrongID(let found?, let expected):
      "the reply has id \(quoted(found)), the request had \(quoted(expected))"
    case .wrongID(nil, let expected): "the reply has no id, the request had \(quoted(expected))"
    case .invalid(let reason): "the reply is no answer: \(reason)"
    case .error(let reason): "the worker reports an error: \(reason)"
    case .memory(let seen): "memory: \(seen.joined(separator: "; "))"
    }
  }
}

/// A duration as a person would write it.
private func short(_ seconds: Double) -> String {
  seconds == seconds.rounded() ? String(Int(seconds)) : String((seconds * 100).rounded() / 100)
}
