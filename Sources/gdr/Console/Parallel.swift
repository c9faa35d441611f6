import Dispatch
import Foundation
import Synchronization

/// What becomes of every item, in their order, on so many threads, by default one a core.
///
/// - Throws: what `body` threw for the first of the items that it threw for.
func inParallel<Item: Sendable, Result: Sendable>(
  _ items: [Item], jobs: Int = ProcessInfo.processInfo.activeProcessorCount,
  _ body: @Sendable (Item) throws -> Result
) throws -> [Result] {
  let next = Atomic<Int>(0)
  let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
  DispatchQueue.concurrentPerform(iterations: jobs) { _ in
    while true {
      let n = next.add(1, ordering: .relaxed).oldValue
      guard n < items.count else { return }
      let result = Swift.Result { try body(items[n]) }
      results.withLock { $0[n] = result }
    }
  }
  let found = results.withLock { $0 }
  return try items.indices.compactMap { try found[$0]?.get() }
}
