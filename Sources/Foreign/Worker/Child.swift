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
  /// Closed when this process ends, however it ends: the child is then killed.
  private let leash: Int32
  private let process: pid_t
  private var status: Int32?

  /// Held from the making of a pipe until no other child can inherit it: there is no call everywhere that makes
  /// one closed to children at once.
  private static let spawning = Mutex<Void>(())

  /// Starts it.
  init(command: String) throws(WorkerFault) {
    // A worker that has gone must be an error of write(), not the end of this process.
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = []
    do throws(WorkerFault) {
      process = try Child.spawning.withLock { _ throws(WorkerFault) in
        for _ in 0..<4 { ends += try Child.pipe() }
        return try Child.spawn(command, input: ends[0], output: ends[3], errors: ends[5], leash: ends[6])
      }
    } catch {
      for end in ends { close(end) }
      throw error
    }
    (input, output, errors, leash) = (ends[1], ends[2], ends[4], ends[7])
    for theirs in [ends[0], ends[3], ends[5], ends[6]] { close(theirs) }
    for ours in [input, output, errors] { _ = fcntl(ours, F_SETFL, fcntl(ours, F_GETFL) | O_NONBLOCK) }
    #if os(Linux)
      // A megabyte at a time instead of 64 KiB: an eighth of the wake-ups. Refusal is harmless.
      let setPipeSize: Int32 = 1031  // F_SETPIPE_SZ, which the module of the C library leaves out
      for ours in [input, output] { _ = fcntl(ours, setPipeSize, 1 << 20) }
    #endif
  }

  deinit {
    for end in [input, output, errors, leash] where end >= 0 { close(end) }
    end()
  }

  /// The two ends of a pipe that no other child inherits.
  private static func pipe() throws(WorkerFault) -> [Int32] {
    var ends: [Int32] = [-1, -1]
    guard makePipe(&ends) == 0 else { throw .system(call: "pipe", code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return ends
  }

  /// A shell that becomes the command, and beside it one that waits for the end of a pipe which nobody writes to and
  /// then kills their process group: a child that hangs hears of nothing else, and no signal says everywhere that
  /// the parent has gone. Twice in the background, it is no child of the command.
  private static func leashed(by descriptor: Int32) -> String {
    "((read -r _ <&\(descriptor); kill -KILL 0) </dev/null >/dev/null 2>&1 &) ; "
      + "exec \(descriptor)<&- /bin/sh -c \"$1\""
  }

  private static func spawn(
    _ command: String, input: Int32, output: Int32, errors: Int32, leash: Int32
  ) throws(WorkerFault) -> pid_t {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    for (theirs, standard) in [(input, STDIN_FILENO), (output, STDOUT_FILENO), (errors, STDERR_FILENO)] {
      posix_spawn_file_actions_adddup2(&actions, theirs, standard)
    }
    // Another number than it has, since a copy to itself stays closed to the child in places.
    let leashOfChild: Int32 = leash == 3 ? 4 : 3
    posix_spawn_file_actions_adddup2(&actions, leash, leashOfChild)
    // Ignored signals are inherited; the worker gets them as a shell would give them to it. Its own group: so
    // that Ctrl-C is for gdr alone, and so that it can be ended together with what it started.
    var defaults = sigset_t()
    sigemptyset(&defaults)
    for number in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&defaults, number) }
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGDEF))

    let words: [UnsafeMutablePointer<CChar>?] = ["/bin/sh", "-c", leashed(by: leashOfChild), "sh", command]
      .map { (word: String) in strdup(word) }
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, "/bin/sh", &actions, &attributes, words + [nil], environ)
    guard code == 0 else { throw .system(call: "posix_spawn", code: code) }
    return process
  }

  /// Closes its input, which tells it to end.
  func hangUp() {
    close(input)
    input = -1
  }

  /// Ends it and what it started, and returns how it went: its own end if it had come to one within a moment.
  @discardableResult
  func end(patience: Int = 0) -> Ending {
    if status == nil {
      var found: Int32 = 0
      var waited = waitpid(process, &found, WNOHANG)
      for _ in 0..<patience where waited == 0 {
        usleep(1000)
        waited = waitpid(process, &found, WNOHANG)
      }
      // Its group may outlive it, and its number is not given away while the group is there.
      kill(-process, SIGKILL)
      if waited == 0 {
        while waitpid(process, &found, 0) < 0 && errno == EINTR {}
        status = SIGKILL
      } else {
        status = found
      }
    }
    return Ending(status: status ?? 0)
  }
}

/// The C function, out of reach inside `Child`, which has a function of that name.
private func makePipe(_ ends: inout [Int32]) -> Int32 { pipe(&ends) }

/// How a process came to its end.
enum Ending: Hashable, Sendable {
  case exited(Int32)
  case killed(Int32)

  init(status: Int32) {
    let number = status & 0x7F
    self = number == 0 ? .exited(status >> 8 & 0xFF) : .killed(number)
    // A shell reports the signal that ended its command as 128 and its number.
    if case .exited(let code) = self, (129...159).contains(code) { self = .killed(code - 128) }
  }
}

/// The last bytes of a stream.
struct Tail {
  private let limit: Int
  private var bytes: [UInt8] = []

  init(limit: Int) { self.limit = limit }

  mutating func append(_ more: some Collection<UInt8>) {
    bytes += more
    if bytes.count > limit { bytes.removeFirst(bytes.count - limit) }
  }

  /// The last lines as one, without what a terminal would act on.
  var line: String {
    let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { line in
        String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }))
          .split(separator: " ").joined(separator: " ")
      }
      .filter { !$0.isEmpty }
    return String(lines.suffix(4).joined(separator: " | ").suffix(400))
  }
}
