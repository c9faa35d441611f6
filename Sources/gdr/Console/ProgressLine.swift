import Foundation

/// One line on a terminal that is written over and over; nothing anywhere else, nor where results go to a file or a
/// pipe.
package final class ProgressLine {
  /// Whether there is a terminal for it.
  static let isPossible = Terminal.isThere && isatty(STDERR_FILENO) == 1
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant?

  /// Shows a line, at most ten times a second.
  func show(_ text: @autoclosure () -> String) { show(parts: [text()]) }

  /// Shows as many parts of a line as there is room for, the first ones first.
  func show(parts: @autoclosure () -> [String]) {
    guard ProgressLine.isPossible else { return }
    let now = clock.now
    if let last, now - last < .milliseconds(100) { return }
    last = now
    // What fills the last column makes some terminals begin another line.
    write("\r\u{1B}[K" + shownText(ProgressLine.fitted(parts(), to: Terminal.width - 1)))
  }

  /// Takes the line away; the next one shows at once.
  func clear() {
    if ProgressLine.isPossible, last != nil { write("\r\u{1B}[K") }
    last = nil
  }

  /// The parts, separated by commas, up to the first that does not fit; of a first that does not, its beginning.
  package static func fitted(_ parts: [String], to width: Int) -> String {
    var line = String((parts.first ?? "").prefix(width))
    for part in parts.dropFirst() {
      guard line.count + part.count + 2 <= width else { break }
      line += ", " + part
    }
    return line
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
