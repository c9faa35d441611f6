import Foundation
import Machine

/// The terminal that a person reads.
enum Terminal {
  /// Whether lines of results go to one.
  static let isThere = isatty(STDOUT_FILENO) == 1

  /// Its columns: what it says itself, else what COLUMNS says if that can be true, else 80.
  static var width: Int {
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) } ?? 80
    return (20...1000).contains(columns) ? columns : 80
  }
}
