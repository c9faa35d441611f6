import Dispatch
import Foundation
import Synchronization

/// What a command is at, on a terminal, once that takes longer than a person waits for without asking: how many of its
/// jobs are done and how long it has run, every second even while none ends.
package final class JobProgress: Sendable {
  private struct State {
    let line = ProgressLine()
    var done = 0
    var note = ""
    var isOver = false
  }

  private let state = Mutex(State())
  private let what: String
  private let count: Int?
  private let start = ContinuousClock.now
  /// Shows the line where the jobs do not, from a thread of its own: those of the cores may all be at work. Dispatch's
  /// objects may be used from any thread, and do not say so everywhere.
  private nonisolated(unsafe) let timer: (any DispatchSourceTimer)?
  private static let patience = Duration.seconds(2)

  /// - Parameters:
  ///   - what: the name of the jobs, before their count.
  ///   - count: all of them; nil where nobody knows.
  package init(_ what: String, of count: Int? = nil) {
    (self.what, self.count) = (what, count)
    timer =
      ProgressLine.isPossible ? DispatchSource.makeTimerSource(queue: DispatchQueue(label: "progress")) : nil
    timer?.schedule(deadline: .now() + 2, repeating: 1)
    timer?.setEventHandler { [weak self] in self?.show() }
    timer?.resume()
  }

  deinit { timer?.cancel() }

  /// One more is done.
  package func advance() {
    state.withLock { $0.done += 1 }
    show()
  }

  /// What it is at just now.
  package func note(_ text: String) {
    state.withLock { $0.note = text }
    show()
  }

  /// Takes the line away, so that others may be written; the next one shows itself again.
  package func hide() { state.withLock { $0.line.clear() } }

  /// Takes the line away for good.
  package func clear() {
    timer?.cancel()
    state.withLock { state in
      state.line.clear()
      state.isOver = true
    }
  }

  private func show() {
    let elapsed = ContinuousClock.now - start
    guard elapsed >= JobProgress.patience else { return }
    state.withLock { state in
      guard !state.isOver else { return }
      state.line.show(
        parts: JobProgress.parts(what, done: state.done, of: count, note: state.note, elapsed: elapsed))
    }
  }

  /// The parts of the line, of which the first matter most.
  package static func parts(
    _ what: String, done: Int, of count: Int?, note: String, elapsed: Duration
  ) -> [String] {
    let share = count.map { "\(what): \(grouped(min(done, $0))) of \(grouped($0))" } ?? what
    return [share, "\(Int(elapsed / .seconds(1))) s", note].filter { !$0.isEmpty }
  }
}
