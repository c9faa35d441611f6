import Dispatch

/// Parts of a long job of copying, one a thread: each writes places of its own, so that nothing depends on how many
/// there are.
struct Parts {
  /// Bytes below which a thread more costs what it saves.
  private static let least = 1 << 20
  private let threads: Int

  init(threads: Int) { self.threads = threads }

  /// Calls `body` with ranges that make up 0 ..< count, so many bytes an item. Calls may run at the same time.
  @inline(__always)
  func forEach(_ count: Int, bytes: Int, _ body: (Range<Int>) -> Void) {
    let parts = min(threads, count * bytes / Parts.least, count)
    guard parts > 1 else { return body(0..<count) }
    withoutActuallyEscaping(body) { body in
      // What it captures is shared without a lock: its calls write places of their own.
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: parts) { part in
        body(count * part / parts..<count * (part + 1) / parts)
      }
    }
  }
}
