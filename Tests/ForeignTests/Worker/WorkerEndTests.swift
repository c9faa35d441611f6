import Foreign
import Foundation
import GatedDeltaRule
import Machine
import Support
import Testing

/// Workers that end, or do not, in the ways that processes have of doing so. Each is said as it is, and soon.
@Suite(.timeLimit(.minutes(2))) struct WorkerEndTests {
  /// What a worker does, in Python, that leaves its process group: a leader cannot have a session of its own.
  static let leaving =
    "os.setsid() if os.getpid() != os.getpgid(0) else os.setpgid(0, os.getpgid(os.getppid()))"

  static let patience = {
    var patience = Program.Patience(problem: .seconds(40))
    patience.start = .seconds(60)
    return patience
  }()

  @Test(arguments: [
    (
      "exits while a child in a session of its own holds the pipe",
      "if n == 1 and os.fork() == 0: os.setsid(); time.sleep(50); os._exit(0)\nif n == 1: os._exit(3)",
      "the worker exited with status 3"
    ),
    (
      "is killed while a child holds the pipe",
      "if n == 1 and os.fork() == 0: os.setsid(); time.sleep(50); os._exit(0)\nif n == 1: os.kill(os.getpid(), 11)",
      "the worker was killed by signal 11"
    ),
    (
      "closes its standard output and lives", "if n == 1: os.close(1); time.sleep(600)",
      "the worker closed its standard output and went on running"
    ),
    (
      "leaves its group and closes its standard output",
      "if n == 1: \(leaving); os.close(1); time.sleep(600)",
      "the worker closed its standard output and went on running"
    ),
    (
      "exits with 127 after it has said hello", "if n == 1: os._exit(127)",
      "the worker exited with status 127"
    ),
  ])
  func `a worker that ends is said to end as it did`(name: String, fault: String, words: String) throws {
    let worker = try FaultyWorker(fault)
    // A shell that stays would hold the pipes as well.
    let program = Program(name: "ending", command: "exec " + worker.command, patience: Self.patience)
    let start = ContinuousClock.now
    let breakdown = try #require(try program.breakdown(.zeros()))
    #expect(breakdown.description == words || breakdown.description.hasPrefix(words + " "))
    #expect(.now - start < .seconds(15))
  }

  @Test(arguments: ["", "exec "])
  func `a worker that leaves its group and hangs is killed all the same`(shell: String) throws {
    let folder = TemporaryFolder()
    let note = folder.path(of: "number")
    let worker = try FaultyWorker(
      "if n == 1: \(Self.leaving); open('\(note)', 'w').write(str(os.getpid())); time.sleep(600)")
    var patience = Self.patience
    patience.problem = .seconds(1)
    let program = Program(name: "leaving", command: shell + worker.command, patience: patience)
    let breakdown = try #require(try program.breakdown(.zeros()))
    #expect(breakdown.description.hasPrefix("no reply within 1 s"))
    let number = try #require(pid_t(String(contentsOfFile: note, encoding: .utf8)))
    var isGone = false
    for _ in 0..<500 where !isGone {
      isGone = kill(number, 0) != 0 && errno == ESRCH
      usleep(10_000)
    }
    #expect(isGone)
  }

  @Test func `one that starts another and exits well may leave it to answer`() throws {
    let worker = try FaultyWorker("if n == 2: time.sleep(600)")
    var patience = Self.patience
    patience.problem = .seconds(1)
    let program = Program(
      name: "launched", command: "{ \(worker.command) <&3 3<&- & } 3<&0", patience: patience)
    #expect(program.failure == nil)
    #expect(try program.breakdown(.zeros()) == nil)
    let breakdown = try #require(try program.breakdown(.zeros()))
    #expect(breakdown.description.contains("has exited with status 0, and what it started holds its pipe"))
  }
}

/// When a run comes to its end, nobody waits.
@Suite(.timeLimit(.minutes(2))) struct DeadlineTests {
  @Test func `a hello that does not come has a deadline`() {
    var patience = Program.Patience()
    patience.start = .milliseconds(300)
    let start = ContinuousClock.now
    let program = Program(name: "hanging", command: "exec sleep 600", patience: patience)
    #expect(program.failure == "before the first problem, no reply within 0.3 s")
    let run = Deadline()
    run.set(.now + .milliseconds(300))
    let other = Program(name: "hanging", command: "exec sleep 600", until: run)
    #expect(other.failure?.contains("the run came to its end") == true)
    #expect(.now - start < .seconds(10))
  }

  @Test func `an interruption wakes who waits, and nothing is lost or found`() throws {
    let worker = try FaultyWorker("if n == 1: time.sleep(600)")
    let run = Deadline()
    var patience = Program.Patience(problem: .seconds(100))
    patience.losses = 1
    let program = Program(name: "hanging", command: worker.command, patience: patience, until: run)
    let waker = Thread {
      usleep(300_000)
      run.pass()
    }
    let start = ContinuousClock.now
    waker.start()
    for _ in 0..<3 {
      #expect(throws: Interrupted.self) { try program.evaluate(.zeros(), request: Request()) }
    }
    #expect(.now - start < .seconds(10))
  }

  @Test func `to start takes three times a problem's patience`() {
    #expect(Program.Patience(problem: .seconds(60)).start == Program.Patience().start)
    #expect(Program.Patience(problem: .seconds(600)).start == .seconds(1800))
    #expect(Program.Patience(problem: .seconds(1)).start == .seconds(30))
  }
}

/// Trouble of ours is no finding in a worker.
@Suite struct OwnTroubleTests {
  @Test(arguments: [("gdr-no-such-command", 127), ("/dev/null", 126)])
  func `a command that cannot be run is said to be none`(command: String, status: Int) throws {
    let program = Program(name: "nobody", command: command)
    let words = "before the first problem, the shell exited with status \(status): it cannot run the command"
    #expect(program.failure?.hasPrefix(words) == true, "\(program.failure ?? "")")
  }

  @Test func `a command that is gone when it is started again is a refusal`() throws {
    let worker = try FaultyWorker("pass")
    let folder = TemporaryFolder()
    // A link: a file just written is busy while a process that another test starts has not closed it yet.
    let shell = "\(folder.path)/shell"
    #expect(symlink("/bin/sh", shell) == 0)
    let script = try folder.write(Data("exec \(worker.command)\n".utf8), to: "script")
    let program = Program(name: "vanishing", command: "\(shell) \(script)")
    #expect(try program.breakdown(.zeros()) == nil)
    program.startAfresh()
    #expect(unlink(shell) == 0)
    let words = "could not be asked: the shell exited with status 127: it cannot run the command"
    #expect(throws: Refusal(words)) { try program.evaluate(.zeros(), request: Request()) }
  }

  @Test func `without descriptors a worker refuses, and answers when there are some`() async {
    await #expect(processExitsWith: .success) {
      let worker = try FaultyWorker("pass")
      let program = worker.program()
      program.startAfresh()
      var limit = rlimit()
      getrlimit(number(RLIMIT_NOFILE), &limit)
      let before = limit.rlim_cur
      limit.rlim_cur = 4
      setrlimit(number(RLIMIT_NOFILE), &limit)
      #expect(throws: Refusal("could not be asked: pipe: Too many open files")) {
        try program.evaluate(.zeros(), request: Request())
      }
      limit.rlim_cur = before
      setrlimit(number(RLIMIT_NOFILE), &limit)
      #expect(try program.breakdown(.zeros()) == nil)
    }
  }
}

/// The names of limits are an enumeration in one C library and numbers in another.
private func number(_ name: some RawRepresentable<UInt32>) -> Int32 { Int32(name.rawValue) }
private func number(_ name: Int32) -> Int32 { name }
