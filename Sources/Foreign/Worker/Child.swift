import Machine
import Synchronization

/// `/bin/sh -c COMMAND` with three pipes, in a process group of its own, which ends when this process does.
///
/// Used by one thread at a time; whoever holds it may talk to it.
final class Child {
  /// The end that it reads from.
  private(set) var input: Int32
  /// The end that it writes its frames to.
  let output: Int32
  /// The end that it writes its complaints to.
  let errors: Int32
  /// Whether it has closed that.
  var errorsEnded = false
  /// What it complained of last.
  var complaints = Tail(limit: 4096)
  /// Where a reply is assembled; kept, since fresh memory is dear.
  var buffer: [UInt8] = []
  /// When nobody waits for it any more, whatever it was given for its reply.
  let run: Deadline?
  /// What was started; it may have started others.
  let process: ChildProcess
  /// Closed when this process ends, however it ends: the child is then killed.
  private let leash: Int32

  /// Held from the making of a pipe until no other child can inherit it: there is no call everywhere that makes
  /// one closed to children at once.
  private static let spawning = Mutex<Void>(())

  /// Starts it.
  init(command: String, run: Deadline? = nil) throws(WorkerFault) {
    // A worker that has gone must be an error of write(), not the end of this process.
    signal(SIGPIPE, SIG_IGN)
    var pipes: [Pipe] = []
    let process: ChildProcess
    do throws(SystemFailure) {
      process = try Child.spawning.withLock { _ throws(SystemFailure) in
        for _ in 0..<4 { pipes.append(try Pipe()) }
        return try Child.start(command, pipes)
      }
    } catch {
      for pipe in pipes { pipe.close() }
      throw .system(error)
    }
    (input, output, errors, leash) = (pipes[0].writer, pipes[1].reader, pipes[2].reader, pipes[3].writer)
    (self.process, self.run) = (process, run)
    for theirs in [pipes[0].reader, pipes[1].writer, pipes[2].writer, pipes[3].reader] { close(theirs) }
    for ours in [input, output, errors] { _ = fcntl(ours, F_SETFL, fcntl(ours, F_GETFL) | O_NONBLOCK) }
    #if os(Linux)
      // A megabyte at a time instead of 64 KiB: an eighth of the wake-ups. Refusal is harmless.
      let setPipeSize: Int32 = 1031  // F_SETPIPE_SZ, which the module of the C library leaves out
      for ours in [input, output] { _ = fcntl(ours, setPipeSize, 1 << 20) }
    #endif
  }

  deinit {
    // While it lives, what it has started can be told by its parent: the leash goes after it.
    process.end()
    for end in [input, output, errors, leash] where end >= 0 { close(end) }
  }

  private static func start(_ command: String, _ pipes: [Pipe]) throws(SystemFailure) -> ChildProcess {
    // Another number than it has, since a copy to itself stays closed to the child in places.
    let leash: Int32 = pipes[3].reader == 3 ? 4 : 3
    return try ChildProcess(
      ["/bin/sh", "-c", leashed(by: leash), "sh", command],
      descriptors: [
        (pipes[0].reader, STDIN_FILENO), (pipes[1].writer, STDOUT_FILENO), (pipes[2].writer, STDERR_FILENO),
        (pipes[3].reader, leash),
      ])
  }

  /// A shell that becomes the command, and beside it one that waits for the end of a pipe which nobody writes to and
  /// then kills the command, which may have left their process group, and that group: a child that hangs notices
  /// nothing else, and no signal says everywhere that the parent has gone. Twice in the background, it is no child of
  /// the command.
  private static func leashed(by descriptor: Int32) -> String {
    "((read -r _ <&\(descriptor); kill -KILL $$ 0) </dev/null >/dev/null 2>&1 &) ; "
      + "exec \(descriptor)<&- /bin/sh -c \"$1\""
  }

  /// Closes its input, which tells it to end.
  func hangUp() {
    close(input)
    input = -1
  }
}
