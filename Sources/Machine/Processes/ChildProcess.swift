import Synchronization

/// A program that was started, in a process group of its own. Nothing here waits without end.
///
/// Used by one thread at a time.
package final class ChildProcess {
  private let number: pid_t
  /// Whether its status has been taken, and how it had ended by itself before.
  private var taken: (Bool, alone: Ending?) = (false, nil)

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - words: its path and its arguments.
  ///   - descriptors: what is open in it besides what all children inherit: which number of ours becomes which of its
  ///     own, one after the other.
  package init(_ words: [String], descriptors: [(ours: Int32, theirs: Int32)]) throws(SystemFailure) {
    ChildProcess.keepStatuses
    ChildProcess.reapAbandoned()
    number = try spawn(words, descriptors)
  }

  deinit { end() }

  /// How it has ended by itself, or nil.
  package var ending: Ending? {
    guard !taken.0 else { return taken.alone }
    var information = siginfo_t()
    // Looked at and not taken: until then its number, and that of its group, is given to nobody else.
    guard waitid(P_PID, id_t(number), &information, WEXITED | WNOHANG | WNOWAIT) == 0 else {
      return errno == ECHILD ? .unknown : nil
    }
    return Ending(information)
  }

  /// Ends it, what is left of its group, and what else it has started.
  ///
  /// - Parameter patience: how long it may take to end by itself.
  /// - Returns: how it ended by itself, or nil if it had to be killed.
  @discardableResult
  package func end(after patience: Duration = .zero) -> Ending? {
    guard !taken.0 else { return taken.alone }
    ChildProcess.waits(patience) { ending != nil }
    let alone = ending
    // Each may have left the group.
    let others = descendants(of: number)
    kill(-number, SIGKILL)
    for process in [number] + others { kill(process, SIGKILL) }
    // Its status comes at once after a signal that cannot be caught; not so where it hangs inside the system, in a
    // driver or on a disk that does not answer.
    if !ChildProcess.waits(.seconds(1), for: { waitpid(number, nil, WNOHANG) != 0 }) {
      ChildProcess.abandoned.withLock { $0.append(number) }
    }
    taken = (true, alone)
    return alone
  }

  /// Whether something came about within so long.
  @discardableResult
  private static func waits(_ patience: Duration, for condition: () -> Bool) -> Bool {
    let start = ContinuousClock.now
    var pause: UInt32 = 200
    while !condition() {
      guard .now - start < patience else { return false }
      usleep(pause)
      pause = min(2 * pause, 10_000)
    }
    return true
  }

  /// Killed, and not ended in time.
  private static let abandoned = Mutex<[pid_t]>([])

  private static func reapAbandoned() {
    abandoned.withLock { numbers in numbers.removeAll { waitpid($0, nil, WNOHANG) != 0 } }
  }

  /// Where the end of children is ignored, as who started this process may have left it, they leave no status.
  private static let keepStatuses: Void = {
    let before = signal(SIGCHLD, SIG_DFL)
    let isIgnored = unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    if !isIgnored { _ = signal(SIGCHLD, before) }
  }()
}
