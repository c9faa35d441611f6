import Foundation

/// Runs a body so many times at once, each time on a thread of its own, and waits for all of them. What Dispatch does at
/// once is limited by the processors.
public func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let group = DispatchGroup()
  for index in 0..<count {
    group.enter()
    Thread {
      body(index)
      group.leave()
    }.start()
  }
  group.wait()
}
