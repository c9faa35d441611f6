import Synchronization

/// When everything has to come to its end: at an instant, or at once when it is told to. Shared by all who wait.
public final class Deadline: Sendable {
  private let origin = ContinuousClock.now
  /// Nanoseconds after the origin.
  private let end = Atomic<Int64>(.max)
  private let isNow = Atomic(false)

  /// Far away.
  public init() {}

  /// Sets the instant.
  public func set(_ instant: ContinuousClock.Instant) {
    end.store(Int64(((instant - origin) / .nanoseconds(1)).clamped), ordering: .relaxed)
  }

  /// It has come, whatever is set. May be called from a signal handler.
  public func pass() { isNow.store(true, ordering: .relaxed) }

  /// Whether it has come.
  public var hasPassed: Bool { left <= .zero }

  /// What is left until then.
  public var left: Duration {
    isNow.load(ordering: .relaxed)
      ? .zero : .nanoseconds(end.load(ordering: .relaxed)) - (.now - origin)
  }
}

extension Double {
  /// Within what an Int64 holds.
  fileprivate var clamped: Double { Swift.min(Swift.max(self, -0x1p62), 0x1p62) }
}
