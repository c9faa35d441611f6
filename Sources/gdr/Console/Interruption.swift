import Foundation
import Machine
import Synchronization

/// Ctrl-C, SIGTERM, Ctrl-\, or a terminal that goes away: the run ends with everything saved. A second one ends it at
/// once.
enum Interruption {
  private static let requests = Atomic<Int>(0)
  private static let watched = Atomic<Bool>(false)

  /// Whether to stop.
  static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

  /// Whether somebody asks `isRequested`.
  static var isWatched: Bool { watched.load(ordering: .relaxed) }

  /// As the signals do.
  static func request() {
    requests.add(1, ordering: .relaxed)
    passDeadline()
  }

  /// The address of the deadline that a signal passes, kept alive for the handler, which may take no lock.
  private static let current = Atomic<UInt>(0)

  /// From here on; a signal passes this deadline as well, so that nobody waits for an answer any longer.
  static func watch(passing deadline: Deadline) {
    current.store(UInt(bitPattern: Unmanaged.passRetained(deadline).toOpaque()), ordering: .relaxed)
    watch()
  }

  /// From here on.
  static func watch() {
    watched.store(true, ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGQUIT, SIGHUP] where !Interruption.isIgnored(number) {
      signal(number) { _ in
        if Interruption.isRepeated { _exit(130) }
        Interruption.requests.add(1, ordering: .relaxed)
        Interruption.passDeadline()
      }
    }
  }

  /// Whether whoever started this program asked that it goes on without its terminal: nohup(1).
  private static func isIgnored(_ number: Int32) -> Bool {
    guard number == SIGHUP else { return false }
    let before = signal(number, SIG_IGN)
    return unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Nanoseconds of the clock at the first signal.
  private static let first = Atomic<Int64>(0)

  /// Whether this is a second signal. What comes at once after the first is the same: who ends a group of processes, as
  /// timeout(1) does, often signals a member of it too.
  private static var isRepeated: Bool {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    let (isFirst, before) = first.compareExchange(expected: 0, desired: now, ordering: .relaxed)
    return !isFirst && now - before > 300_000_000
  }

  private static func passDeadline() {
    let address = current.load(ordering: .relaxed)
    guard let deadline = UnsafeRawPointer(bitPattern: address) else { return }
    Unmanaged<Deadline>.fromOpaque(deadline).takeUnretainedValue().pass()
  }
}
