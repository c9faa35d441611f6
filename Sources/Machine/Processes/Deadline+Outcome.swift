import Dispatch
import Synchronization

extension Deadline {
  /// What work that was begun in time may take longer: most of it is nearly done.
  private static let grace = Duration.milliseconds(500)

  /// How often somebody who waits looks whether a signal has passed the deadline.
  private static let glance = 50

  /// What a piece of work comes to, or nil where the end comes half a second before: nobody waits for it then. Its
  /// thread goes on, and what it comes to is let go.
  ///
  /// So a run ends on time whatever it is busy with, and nothing that computes has to ask what time it is. Where the
  /// system has no thread to give, the work is done on this one, to its end.
  public func outcome<Outcome: Sendable>(of work: @escaping @Sendable () -> Outcome) -> Outcome? {
    let pending = Pending<Outcome>()
    guard startDetachedThread({ pending.fulfil(work()) }) else { return work() }
    var end: ContinuousClock.Instant?
    while pending.done.wait(timeout: .now() + .milliseconds(pause)) == .timedOut {
      guard hasPassed else { continue }
      let last = end ?? .now + Deadline.grace
      guard .now < last else { return pending.take() }
      end = last
    }
    return pending.take()
  }

  /// Milliseconds until somebody who waits looks again.
  private var pause: Int { max(1, min(Deadline.glance, Int(left / .milliseconds(1)))) }
}

/// Work with a deadline; without one it is done here and now.
public func outcome<Outcome: Sendable>(
  by deadline: Deadline?, of work: @escaping @Sendable () -> Outcome
) -> Outcome? {
  guard let deadline else { return work() }
  return deadline.outcome(of: work)
}

/// What another thread comes to.
private final class Pending<Outcome: Sendable>: Sendable {
  private let outcome = Mutex<Outcome?>(nil)
  let done = DispatchSemaphore(value: 0)

  func fulfil(_ outcome: Outcome) {
    self.outcome.withLock { $0 = outcome }
    done.signal()
  }

  func take() -> Outcome? { outcome.withLock { $0 } }
}
