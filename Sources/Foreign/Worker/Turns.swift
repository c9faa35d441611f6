import Dispatch
import Machine

/// So many at once; the others wait, in the order in which they came.
final class Turns: Sendable {
  private let free: DispatchSemaphore
  /// When nobody waits any more.
  private let run: Deadline?
  /// How often somebody who waits looks whether the run has come to its end.
  private static let glance = DispatchTimeInterval.milliseconds(50)

  init(_ count: Int, until run: Deadline?) {
    (free, self.run) = (DispatchSemaphore(value: max(1, count)), run)
  }

  /// Waits for a turn; whether there is one, or false where the run has come to its end before.
  func take() -> Bool {
    while free.wait(timeout: .now() + Turns.glance) == .timedOut {
      if run?.hasPassed == true { return false }
    }
    return true
  }

  /// For whoever comes next.
  func giveBack() { free.signal() }
}
