import Foundation
import Machine
import Synchronization

/// The process's standard output, every line of it written at once, so that what a pipe or a log shows of a run is
/// never older than what was saved.
///
/// A reader that goes away, as `head` does, is no error: a run ends early with everything saved, and then, as every
/// other command at once, the process ends by SIGPIPE as other programs do. Any other failure is told once and makes the
/// exit code one of an error.
enum StandardOutput {
  private static let failure = Atomic<Int32>(0)

  /// A write to a pipe without a reader, or past the size that files may have (`ulimit -f`), is an error here, not the
  /// end of the process.
  static func ignoreSignalsOfWriting() { for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) } }

  /// Writes a line, or nothing after a failure.
  static func write(line: String) {
    guard failure.load(ordering: .relaxed) == 0 else { return }
    var text = line + "\n"
    let code = text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    guard code != 0, failure.exchange(code, ordering: .relaxed) == 0 else { return }
    if code != EPIPE {
      let reason = String(cString: strerror(code))
      FileHandle.standardError.write(Data("gdr: standard output: cannot write: \(reason)\n".utf8))
    } else if Interruption.isWatched {
      Interruption.request()
    } else {
      endByBrokenPipe()
    }
  }

  /// The code to exit with where the command ended with this one; does not return if the reader went away.
  static func checked(_ code: ExitCode) -> ExitCode {
    switch failure.load(ordering: .relaxed) {
    case 0: return code
    case EPIPE:
      endByBrokenPipe()
      return code
    default: return code == .nothing ? .badFile : code
    }
  }

  private static func endByBrokenPipe() {
    signal(SIGPIPE, SIG_DFL)
    raise(SIGPIPE)
  }

  /// 0, or why not all could be written.
  private static func write(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Machine.write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0 {
        guard errno == EINTR || errno == EAGAIN else { return errno }
        if errno == EAGAIN { waitForReader() }
        continue
      }
      rest = rest.dropFirst(count)
    }
    return 0
  }

  /// Some terminals and pipes are set not to block.
  private static func waitForReader() {
    var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
    poll(&output, 1, 1000)
  }
}
