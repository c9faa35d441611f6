import Foundation
import Synchronization

/// Ctrl-C: the run ends after the cases that it evaluates, with everything saved. A second one ends it at once.
enum Interruption {
  private static let requests = Atomic<Int>(0)

  /// Whether to stop.
  static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

  /// From now on.
  static func watch() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in
        if Interruption.requests.add(1, ordering: .relaxed).newValue > 1 { _exit(130) }
      }
    }
  }
}
