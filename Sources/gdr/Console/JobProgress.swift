import Synchronization

/// How many of some jobs are done, on a terminal, once that takes longer than a person waits for without asking.
final class JobProgress: Sendable {
  private struct State {
    let line = ProgressLine()
    var done = 0
  }

  private let state = Mutex(State())
  private let what: String
  private let count: Int
  private let start = ContinuousClock.now
  private static let patience = Duration.seconds(2)

  /// - Parameters:
  ///   - what: the name of the jobs, before their count.
  ///   - count: all of them.
  init(_ what: String, of count: Int) { (self.what, self.count) = (what, count) }

  /// One more is done.
  func advance() {
    state.withLock { state in
      state.done += 1
      guard .now - start >= JobProgress.patience else { return }
      state.line.show("\(what): \(grouped(state.done)) of \(grouped(count))")
    }
  }

  /// Takes the line away.
  func clear() { state.withLock { $0.line.clear() } }
}
