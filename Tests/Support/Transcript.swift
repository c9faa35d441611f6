import Synchronization

/// Keeps the lines that a command writes.
public final class Transcript: Sendable {
  private let lines = Mutex<(out: [String], error: [String])>(([], []))

  /// No line yet.
  public init() {}

  /// What went to standard output.
  public var out: [String] { lines.withLock { $0.out } }

  /// What went to standard error.
  public var error: [String] { lines.withLock { $0.error } }

  /// Adds a line to standard output.
  public func write(_ line: String) { lines.withLock { $0.out.append(line) } }

  /// Adds a line to standard error.
  public func writeError(_ line: String) { lines.withLock { $0.error.append(line) } }
}
