import Foundation

/// One line on a terminal that is written over and over; nothing anywhere else.
final class ProgressLine {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant?

  /// Shows a line, at most ten times a second.
  func show(_ text: @autoclosure () -> String) {
    guard isTerminal else { return }
    let now = clock.now
    if let last, now - last < .milliseconds(100) { return }
    last = now
    write("\r\u{1B}[K" + text().prefix(width))
  }

  /// Takes the line away.
  func clear() {
    if isTerminal, last != nil { write("\r\u{1B}[K") }
  }

  private var width: Int { ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 100 }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
