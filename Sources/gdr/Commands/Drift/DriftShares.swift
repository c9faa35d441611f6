import Synchronization

/// The time of a run, shared out evenly over what is still to be done.
final class DriftShares: Sendable {
  private let left: Mutex<Int>
  private let jobs: Int
  private let end: ContinuousClock.Instant

  init(of duration: Duration, over count: Int, jobs: Int) {
    left = Mutex(count)
    (self.jobs, end) = (jobs, .now + duration)
  }

  /// When the next one should be at its end.
  func next() -> ContinuousClock.Instant {
    let now = ContinuousClock.now
    let share = left.withLock { left in
      defer { left -= 1 }
      return Double(min(jobs, left)) / Double(max(left, 1))
    }
    return now + (end - now) * share
  }
}
