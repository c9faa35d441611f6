import Foundation
import Machine
import Synchronization

/// Ctrl-C: the run ends after the cases that it evaluates, with everything saved. A second one ends it at once.
enum Interruption {
  private static let requests = Atomic<Int>(0)
  private static let watched = Atomic<Bool>(false)

  /// Whether to stop.
  static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

  /// Whether somebody asks `isRequested`.
  static var isWatched: Bool { watched.load(ordering: .relaxed) }

  /// As the signals do.
  static func request() { requests.add(1, ordering: .relaxed) }

  /// The address of the deadline that a signal passes, kept alive for the handler, which may take no lock.
  private static let current = Atomic<UInt>(0)

  /// From here on; a signal passes this deadline as well, so that whoever waits for a worker waits no longer.
  static func watch(passing deadline: Deadline) {
    current.store(UInt(bitPattern: Unmanaged.passRetained(deadline).toOpaque()), ordering: .relaxed)
    watch()
  }

  /// From here on.
  static func watch() {
    watched.store(true, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if Interruption.requests.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
        let address = Interruption.current.load(ordering: .relaxed)
        guard let deadline = UnsafeRawPointer(bitPattern: address) else { return }
        Unmanaged<Deadline>.fromOpaque(deadline).takeUnretainedValue().pass()
      }
    }
  }
}
